// Pictures through a network, several at a time: while one is in the network, others are decoded
// and their boxes scored.
#pragma once

#include <scrim/activation.h>
#include <scrim/dataset.h>
#include <scrim/status.h>

#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// What happens to a picture, in order. Each is called from several threads at once.
struct PipelineStages {
  // Reads a picture and makes the network's input. What it throws about the picture (not found,
  // corrupt, unsupported, too large) skips the picture.
  std::function<Tensor(const Sample&)> prepare;
  // Runs the network on the input of sample `index` and keeps what it finds. An error ends the run.
  std::function<void(std::size_t index, const Tensor& input)> process;
};

struct PipelineOptions {
  bool strict = false;  // a picture that prepare() refuses ends the run
  // below: affects time only
  int workers = 2;           // threads, and therefore pictures in memory
  std::string stage = {};    // as progress names it
  ProgressFn progress = {};  // never called by two threads at once
  std::stop_token stop = {};
};

// How many threads to use for so many pictures: `wanted`, or one a core if that is 0.
int worker_count(int wanted, std::size_t pictures);

// Runs every sample once, in no fixed order. Returns the skipped ones as "name: reason", in the
// order of the samples. Throws the first error, or kUnavailable when stopped; no thread is left.
std::vector<std::string> run_pipeline(std::span<const Sample> samples, const PipelineStages& stages,
                                      const PipelineOptions& options);

}  // namespace scrim
