// An inference against its model's config: what the front ends cannot know.
#pragma once

#include "protocol/message.h"
#include "repository/model_config.h"

#include <cstdint>
#include <vector>

namespace scrim {

// A request that its model can run.
struct CheckedRequest {
  std::vector<TensorMessage> inputs;     // in the config's order, shaped as the network wants them
  std::vector<RequestedOutput> outputs;  // all of the config where the request names none
  std::int64_t batch = 0;                // of the first dimension; 0 for a model without batches
};

// Takes the tensors out of `request`. Throws RequestError (kInvalid) in the reference server's
// sentences; where several things are wrong, it names the one that the reference server names,
// which looks at the last input first.
CheckedRequest check_request(InferRequest request, const ModelConfig& config);

// How many inferences a request of this batch counts: at least 1.
std::int64_t inference_count(std::int64_t batch);

// The network's shape for `shape`, which matches `from` (-1 any length) behind `lead` dimensions:
// those of `to`, whose -1 take the lengths of the -1 of `from` in order.
std::vector<std::int64_t> reshaped(const std::vector<std::int64_t>& shape, std::size_t lead,
                                   const std::vector<std::int64_t>& from,
                                   const std::vector<std::int64_t>& to);

}  // namespace scrim
