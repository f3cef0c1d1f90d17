#include "server/statistics.h"

#include <algorithm>

namespace scrim {
namespace {

std::uint64_t nanoseconds(SteadyTime from, SteadyTime to) {
  return static_cast<std::uint64_t>(std::max<std::chrono::nanoseconds::rep>(
      0, std::chrono::duration_cast<std::chrono::nanoseconds>(to - from).count()));
}

void add(TotalDuration& total, std::uint64_t ns) {
  ++total.count;
  total.ns += ns;
}

}  // namespace

std::string name(FailureReason reason) {
  switch (reason) {
    case FailureReason::kRejected:
      return "REJECTED";
    case FailureReason::kCancelled:
      return "CANCELED";
    case FailureReason::kBackend:
      return "BACKEND";
    case FailureReason::kOther:
      break;
  }
  return "OTHER";
}

StatisticsRecord::StatisticsRecord(std::string model, std::string version) {
  numbers_.name = std::move(model);
  numbers_.version = std::move(version);
  for (const auto reason : {FailureReason::kRejected, FailureReason::kCancelled,
                            FailureReason::kBackend, FailureReason::kOther}) {
    numbers_.failures[name(reason)] = 0;
  }
}

ModelStatistics StatisticsRecord::read() const {
  const std::lock_guard lock(mutex_);
  return numbers_;
}

void StatisticsRecord::loaded(double seconds) {
  const std::lock_guard lock(mutex_);
  numbers_.load_seconds = seconds;
}

void StatisticsRecord::failed(FailureReason reason, SteadyTime arrived) {
  const std::uint64_t ns = nanoseconds(arrived, std::chrono::steady_clock::now());
  const std::lock_guard lock(mutex_);
  add(numbers_.fail, ns);
  ++numbers_.failures[name(reason)];
}

void StatisticsRecord::refused(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  ++numbers_.refusals[reason];
}

void StatisticsRecord::used(const std::string& client, double bits) {
  const std::lock_guard lock(mutex_);
  ModelStatistics::ClientUse& use = numbers_.clients[client];
  ++use.requests;
  use.bits += bits;
}

void StatisticsRecord::ran(const Run& run) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::uint64_t input = nanoseconds(run.taken, run.ready);
  const std::uint64_t infer = nanoseconds(run.ready, run.ran);
  const std::uint64_t output = nanoseconds(run.ran, run.done);
  const std::lock_guard lock(mutex_);
  numbers_.last_inference_ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  numbers_.inference_count += static_cast<std::uint64_t>(run.batch);
  ++numbers_.execution_count;
  for (const SteadyTime arrived : run.arrived) {
    add(numbers_.success, nanoseconds(arrived, run.done));
    add(numbers_.queue, nanoseconds(arrived, run.taken));
    add(numbers_.compute_input, input);
    add(numbers_.compute_infer, infer);
    add(numbers_.compute_output, output);
  }
  const auto size = static_cast<std::uint64_t>(run.batch);
  auto at = std::ranges::lower_bound(numbers_.batches, size, {}, &BatchStatistics::batch_size);
  if (at == numbers_.batches.end() || at->batch_size != size) {
    at = numbers_.batches.insert(at, BatchStatistics{size, {}, {}, {}});
  }
  add(at->compute_input, input);
  add(at->compute_infer, infer);
  add(at->compute_output, output);
}

}  // namespace scrim
