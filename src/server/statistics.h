// What a served version has done so far, in the numbers that clients read.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace scrim {

struct TotalDuration {
  std::uint64_t count = 0;
  std::uint64_t ns = 0;
  void add(std::uint64_t nanoseconds) {
    ++count;
    ns += nanoseconds;
  }
};

struct BatchStatistics {
  std::uint64_t batch_size = 0;
  TotalDuration compute_input, compute_infer, compute_output;
};

// Fields and meaning of the protocol's statistics extension: success and fail count requests,
// inference_count batch elements, execution_count runs of the network.
struct ModelStatistics {
  std::string name, version;
  std::uint64_t last_inference_ms = 0;  // since the epoch
  std::uint64_t inference_count = 0;
  std::uint64_t execution_count = 0;
  TotalDuration success, fail, queue, compute_input, compute_infer, compute_output;
  std::vector<BatchStatistics> batches;  // by batch size
  // Why requests that were accepted into the queue failed: "REJECTED", "CANCELED", "BACKEND", "OTHER".
  std::map<std::string, std::uint64_t> failures;
  std::uint64_t pending = 0;  // waiting now
  double load_seconds = 0;    // of the last load
};

}  // namespace scrim
