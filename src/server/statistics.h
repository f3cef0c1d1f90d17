// What a served version has done so far, in the numbers that clients read.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace scrim {

using SteadyTime = std::chrono::steady_clock::time_point;

struct TotalDuration {
  std::uint64_t count = 0;
  std::uint64_t ns = 0;
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
  // Requests that failed after the queue had accepted them, by reason.
  std::map<std::string, std::uint64_t> failures;
  // Requests that the obfuscation contract refused, by reason; no other number counts them.
  std::map<std::string, std::uint64_t> refusals;
  // What those that it admitted have given away, by the client whose tag they carried.
  struct ClientUse {
    std::uint64_t requests = 0;
    double bits = 0;  // an upper bound
  };
  std::map<std::string, ClientUse> clients;
  std::uint64_t pending = 0;  // waiting now
  double load_seconds = 0;    // of the last load
};

// The reasons of ModelStatistics::failures, all of which are always there.
enum class FailureReason { kRejected, kCancelled, kBackend, kOther };
std::string name(FailureReason reason);

// Collects them for one version, over every load of it: counts only ever grow. Threads may share
// one.
class StatisticsRecord {
 public:
  StatisticsRecord(std::string model, std::string version);
  ModelStatistics read() const;

  void loaded(double seconds);
  void failed(FailureReason reason, SteadyTime arrived);
  void refused(const std::string& reason);
  void used(const std::string& client, double bits);

  // One run of the network for requests that arrived as given.
  struct Run {
    std::int64_t batch = 0;
    std::vector<SteadyTime> arrived;
    // Taken from the queue, inputs ready, network ran, answers ready.
    SteadyTime taken, ready, ran, done;
  };
  void ran(const Run& run);

 private:
  mutable std::mutex mutex_;
  ModelStatistics numbers_;
};

}  // namespace scrim
