#include "learn/noisy_loss.h"

namespace scrim {

torch::Tensor noisy_loss(const NoisyTraining& training, const torch::Tensor& activation,
                         const std::vector<Label>& labels, const torch::Tensor& alphas,
                         std::uint64_t seed) {
  const Obfuscator& obfuscator = training.obfuscator;
  const Sent sent = obfuscator.send(activation, alphas, seed);
  const Outputs outputs = training.subject.tail(sent.arrived);
  auto loss = training.task.loss(outputs, labels);
  if (training.teacher) {
    const Outputs wanted = training.teacher(activation);
    loss = loss + training.distil * training.task.distillation(outputs, wanted);
  }
  loss = obfuscator.task_weight() * loss;
  if (training.nuisance != nullptr) {
    const auto cells = training.task.answer_cells(labels, sent.signal.size(2), sent.signal.size(3));
    const auto told = training.nuisance->told(sent, cells, alphas, obfuscator.channels());
    loss = loss + training.price * told.to(loss.device(), torch::kFloat32);
  }
  const auto penalty = obfuscator.penalty();
  return penalty.defined() ? loss + penalty.to(loss.device()) : loss;
}

}  // namespace scrim
