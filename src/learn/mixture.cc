#include "learn/mixture.h"

#include "noise/contract.h"

namespace scrim {
namespace {

constexpr double kLargestSigma = 4;      // times the root mean square deviation of the channels
constexpr double kMixtureRate = 0.01;    // of mu and rho
constexpr double kStartRho = -1.0;       // sigma starts at an eighth of its largest value
constexpr double kSmallestShare = 1e-6;  // of the mean variance; a channel under it is not sent

class Mixture final : public Obfuscator {
 public:
  Mixture(const Moments& activation, double noise_weight, float clip)
      : Obfuscator(activation.mean().numel(), clip),
        mean_(activation.mean()),
        noise_weight_(noise_weight) {
    const auto variances = activation.covariance().diagonal();
    const auto floor = kSmallestShare * variances.mean();
    dead_ = variances < floor;
    deviation_ = variances.clamp_min(floor).sqrt();
    largest_ = kLargestSigma * variances.mean().sqrt().item<double>();
    rho_ = torch::full(mean_.sizes(), kStartRho, torch::kFloat64).requires_grad_(true);
    mu_ = torch::zeros(mean_.sizes(), torch::kFloat64).requires_grad_(true);
  }

  std::vector<ParameterGroup> parameters() override {
    return {{{rho_, mu_}, kMixtureRate, 0, /*clipped=*/false}};
  }
  double task_weight() const override { return 1 - noise_weight_; }
  torch::Tensor penalty() const override { return -noise_weight_ * sigma().mean().log(); }

  Code code() const override {
    const torch::NoGradGuard no_grad;
    return {mean_, (1 / deviation_).diag(), deviation_.diag(), {}, false, mu_.detach().clone()};
  }

  // Whatever was asked for: the noise is one, and so is what it lets pass.
  std::vector<double> alphas(const std::vector<double>& asked) const override {
    return {alpha_of(snr(asked.front()), channels())};
  }
  torch::Tensor spectrum(const torch::Tensor& alphas) const override {
    const auto snr = (deviation_ / sigma()).square().clamp_max(kSnrCap).masked_fill(dead_, 0);
    return snr.unsqueeze(0).expand({alphas.numel(), -1});
  }
  CodeTensors tensors() const override {
    return {mean_.to(torch::kFloat32), (1 / deviation_).diag().to(torch::kFloat32),
            deviation_.diag().to(torch::kFloat32), false, mu_.to(torch::kFloat32)};
  }

 private:
  torch::Tensor sigma() const { return largest_ * (1 + rho_.tanh()) / 2; }

  torch::Tensor mean_, dead_, deviation_;  // N
  double largest_;
  double noise_weight_;
  torch::Tensor rho_, mu_;  // N, float64
};

}  // namespace

std::unique_ptr<Obfuscator> mixture_obfuscator(const Moments& activation, double noise_weight,
                                               float clip) {
  return std::make_unique<Mixture>(activation, noise_weight, clip);
}

}  // namespace scrim
