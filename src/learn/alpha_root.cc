#include "learn/alpha_root.h"

namespace scrim {
namespace {

constexpr int kMostSteps = 100;  // random logits within +-40 need 11
constexpr double kPrecision = 1e-13;

torch::Tensor newton_step(const torch::Tensor& s, const torch::Tensor& t,
                          const torch::Tensor& target) {
  const auto x = -(s + t);
  const auto excess = torch::nn::functional::softplus(
                          x, torch::nn::functional::SoftplusFuncOptions().threshold(700))
                          .mean(1, /*keepdim=*/true) -
                      target;
  return excess / torch::sigmoid(x).mean(1, /*keepdim=*/true).detach();
}

}  // namespace

torch::Tensor alpha_root(const torch::Tensor& s, const torch::Tensor& alphas,
                         std::int64_t channels) {
  const double share = static_cast<double>(channels) / static_cast<double>(s.size(1));
  const auto target = (-alphas.log() * share).unsqueeze(1).detach();
  torch::Tensor t;
  {
    const torch::NoGradGuard no_grad;
    // The Jensen point lies left of the root of a convex falling function: Newton climbs from it.
    t = -(target.expm1().log()) - s.mean(1, /*keepdim=*/true);
    for (int step = 0; step < kMostSteps; ++step) {
      const auto change = newton_step(s, t, target);
      t = t + change;
      if ((change.abs() <= kPrecision * t.abs().clamp_min(1)).all().item<bool>()) break;
    }
  }
  return t + newton_step(s, t, target);  // at the root: adds nothing but the gradient
}

}  // namespace scrim
