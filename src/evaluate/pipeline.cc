#include "evaluate/pipeline.h"

#include "base/check.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

namespace scrim {
namespace {

// The error is about this one picture; a full disk or a bug is not.
bool is_about_the_picture(const Error& error) {
  return error.code() == ErrorCode::kNotFound || error.code() == ErrorCode::kCorrupt ||
         error.code() == ErrorCode::kUnsupported || error.code() == ErrorCode::kInvalidArgument;
}

// Every worker takes whole pictures, from reading to scoring, so the stages overlap without a queue
// and memory is bounded by the workers. Measured on two cores with FaceBoxes at 1200 x 900: two
// workers with a network of one thread each spend 23 ms of processor time a picture, a queue before
// one network of two threads 40 ms, because its threads wait for each other in every layer.
class Run {
 public:
  Run(std::span<const Sample> samples, const PipelineStages& stages, const PipelineOptions& options)
      : samples_(samples), stages_(stages), options_(options), skipped_(samples.size()) {}

  void work() {
    try {
      while (!is_over_ && !options_.stop.stop_requested()) {
        const std::size_t index = next_++;
        if (index >= samples_.size()) return;
        process(index);
        report();
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
      is_over_ = true;
    }
  }

  std::vector<std::string> result() {
    if (error_) std::rethrow_exception(error_);
    if (done_ < samples_.size()) {
      fail(ErrorCode::kUnavailable, "stopped after ", done_, " of ", samples_.size(), " pictures");
    }
    std::vector<std::string> names;
    for (std::size_t i = 0; i < samples_.size(); ++i) {
      if (skipped_[i]) names.push_back(samples_[i].name + ": " + *skipped_[i]);
    }
    return names;
  }

 private:
  void process(std::size_t index) {
    const std::optional<Tensor> input = prepared(index);
    if (input) stages_.process(index, *input);
  }

  std::optional<Tensor> prepared(std::size_t index) {
    try {
      return stages_.prepare(samples_[index]);
    } catch (const Error& error) {
      if (options_.strict || !is_about_the_picture(error)) throw;
      skipped_[index] = error.what();
      return std::nullopt;
    }
  }

  void report() {
    const std::lock_guard lock(mutex_);
    ++done_;
    if (!options_.progress) return;
    options_.progress({.stage = options_.stage,
                       .done = static_cast<std::int64_t>(done_),
                       .total = static_cast<std::int64_t>(samples_.size()),
                       .note = {}});
  }

  std::span<const Sample> samples_;
  const PipelineStages& stages_;
  const PipelineOptions& options_;
  std::vector<std::optional<std::string>> skipped_;  // each written by the worker that took it
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> is_over_ = false;
  std::mutex mutex_;  // guards the two below until the workers are joined
  std::exception_ptr error_;
  std::size_t done_ = 0;
};

// Each worker holds a picture and its activations, some 100 MB.
constexpr int kMaxWorkers = 32;

}  // namespace

int worker_count(int wanted, std::size_t pictures) {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  const int useful = static_cast<int>(std::min<std::size_t>(pictures, kMaxWorkers));
  return std::clamp(wanted > 0 ? wanted : cores, 1, std::max(useful, 1));
}

std::vector<std::string> run_pipeline(std::span<const Sample> samples, const PipelineStages& stages,
                                      const PipelineOptions& options) {
  Run run(samples, stages, options);
  {
    std::vector<std::jthread> workers;
    for (int i = 0; i < options.workers; ++i) workers.emplace_back([&run] { run.work(); });
  }
  return run.result();
}

}  // namespace scrim
