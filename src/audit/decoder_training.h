// How A2 is trained: fresh noise at every step, and a recogniser that says whether faces are right.
#pragma once

#include "audit/decoder.h"
#include "audit/recogniser.h"

#include <scrim/status.h>

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// One picture or view to learn from. What it points at outlives the training.
struct Lesson {
  const Tensor* activation = nullptr;
  const Image* target = nullptr;
  std::optional<Similarity> alignment;  // template to target; nothing where no face is known
  torch::Tensor embedding;              // 1 x 128 of the clean face; undefined without
};

struct DecoderTraining {
  std::string name;  // shown in progress
  int steps = 500;
  double rate = 1e-3;
  int batch = 12;          // half of it people, where there are any
  int window = 14;         // cells each way, at most
  double absolute = 0.1;   // weight of the absolute error
  double identity = 0.15;  // weight of 1 - cosine of the embeddings
  double decay = 0.99;     // of the average of the weights, at its end
  std::uint64_t seed = 1;
  ProgressFn progress;
  std::stop_token stop;
};

// Trains the network of a decoder whose linear part was fitted; `scenes` or `people` may be empty.
// Each sample has a condition of its own: half of them an alpha alone, the rest averages, no noise
// and noise alone. Returns the mean loss of the last tenth of the steps. Throws kUnavailable when
// stopped, kInvalidArgument without lessons.
double train_decoder(Decoder& decoder, const std::vector<Lesson>& scenes,
                     const std::vector<Lesson>& people, const Recogniser* recogniser,
                     const DecoderTraining& options);

}  // namespace scrim
