// The obfuscation as training sees it: many alphas, seeded draws, tensors in and out.
#pragma once

#include "learn/allocation.h"

#include <cstdint>

namespace scrim {

// Does to a batch what head, noise and tail do in use: code, clip, scale, add, decode.
//
// Every sample has an alpha of its own: with several calibrated alphas drawn between the first and
// the last, uniform in the logit; with a single one a ramp from .2 over the first 30 % of the
// steps.
class TrainingNoise {
 public:
  TrainingNoise(const Code& code, const std::vector<double>& alphas, Allocation allocation,
                float clip, int steps, std::uint64_t seed);

  // activation: B x N x h x w, clean. What the tail decodes from the noisy one, same shape. Depends
  // on (seed, step, activation) alone.
  torch::Tensor operator()(const torch::Tensor& activation, int step) const;

 private:
  torch::Tensor draw_rows(int step, std::int64_t count) const;

  CodeTensors code_;
  torch::Tensor scale_, sigma_;  // grid x K
  bool single_;
  float clip_;
  int steps_;
  std::uint64_t seed_;
};

}  // namespace scrim
