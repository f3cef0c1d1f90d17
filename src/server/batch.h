// Several requests as one run of the network, and its outputs as their answers.
#pragma once

#include "server/engine.h"
#include "server/request_check.h"

#include <cstdint>
#include <string>
#include <vector>

namespace scrim {

// The inputs of `requests`, which are alike but for the batch, one after the other. Those of a
// single request are taken as they are.
std::vector<TensorMessage> joined_inputs(std::vector<CheckedRequest*> requests);

// Throws Error (kInternal) unless `outputs`, in the config's order, have the config's datatypes,
// the bytes of their shapes, and `batch` in front where the model has batches. Then gives them the
// config's names, and the shapes that requests see where these differ from the network's.
void check_outputs(std::vector<TensorMessage>& outputs, const ModelConfig& config,
                   std::int64_t batch);

// `count` of the first dimension from `begin`, owning its bytes.
TensorMessage batch_slice(const TensorMessage& output, std::int64_t begin, std::int64_t count);

}  // namespace scrim
