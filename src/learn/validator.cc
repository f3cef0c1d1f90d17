#include "learn/validator.h"

namespace scrim {

Validator::Validator(Subject& subject, const Task& task, const Pictures& pictures,
                     const std::vector<std::size_t>& chosen, const InputRules& rules,
                     torch::Device device)
    : subject_(subject), task_(task), all_(pictures), scale_(rules.scale), device_(device) {
  const torch::NoGradGuard no_grad;
  for (const std::size_t index : chosen) {
    Tensor input = to_input(pictures.image(index), rules);
    const auto x = torch::from_blob(input.values.data(), input.shape);
    pictures_.push_back({subject_.trunk(x.to(device_)).to(torch::kHalf), index,
                         static_cast<int>(input.shape[3]), static_cast<int>(input.shape[2])});
  }
}

double Validator::score(const Obfuscator* obfuscator, double alpha) const {
  const torch::NoGradGuard no_grad;
  const Subject::InferenceMode inference(subject_);
  const auto scorer = task_.scorer(scale_);
  for (const Picture& picture : pictures_) {
    auto z = subject_.middle(picture.trunk_activation.to(torch::kFloat32));
    if (obfuscator != nullptr) {
      const auto alphas = torch::tensor({alpha}, torch::kFloat64);
      z = (*obfuscator)(z, alphas, static_cast<std::uint64_t>(picture.index));
    }
    scorer->add(subject_.tail(z), all_.sample(picture.index), picture.width, picture.height);
  }
  return scorer->score();
}

}  // namespace scrim
