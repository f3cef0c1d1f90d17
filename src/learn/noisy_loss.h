// What one step of training under noise minimises.
#pragma once

#include "learn/nuisance.h"
#include "learn/obfuscator.h"
#include "learn/subject.h"
#include "learn/task.h"

#include <vector>

namespace scrim {

// Who takes part. `teacher` may be empty; else the tail's agreement with it weighs `distil`.
// `nuisance` may be null; else what answers tell beyond themselves costs `price`.
struct NoisyTraining {
  Subject& subject;
  const Task& task;
  const Obfuscator& obfuscator;
  double distil = 0;
  Subject::FrozenTail teacher = {};
  double price = 0;
  Nuisance* nuisance = nullptr;
};

// activation: B x N x h x w, clean, at the cut; labels: what the views show; alphas: B, float64.
// The obfuscator's weight times (task + distil x distillation), plus its penalty, plus price x what
// is told. The draw depends on `seed` alone.
torch::Tensor noisy_loss(const NoisyTraining& training, const torch::Tensor& activation,
                         const std::vector<Label>& labels, const torch::Tensor& alphas,
                         std::uint64_t seed);

}  // namespace scrim
