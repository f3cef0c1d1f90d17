#include "learn/noisy_loss.h"

namespace scrim {

torch::Tensor noisy_loss(const NoisyTraining& training, const torch::Tensor& activation,
                         const std::vector<Label>& labels, const torch::Tensor& alphas,
                         std::uint64_t seed) {
  const Obfuscator& obfuscator = training.obfuscator;
  const Outputs outputs = training.subject.tail(obfuscator.send(activation, alphas, seed));
  auto loss = training.task.loss(outputs, labels);
  if (training.teacher) {
    const Outputs wanted = training.teacher(activation);
    loss = loss + training.distil * training.task.distillation(outputs, wanted);
  }
  loss = obfuscator.task_weight() * loss;
  const auto penalty = obfuscator.penalty();
  return penalty.defined() ? loss + penalty.to(loss.device()) : loss;
}

}  // namespace scrim
