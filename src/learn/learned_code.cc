#include "learn/learned_code.h"

#include "base/check.h"
#include "learn/alpha_root.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr double kCodeRate = 6e-4;      // of rows and decoder of a coded one
constexpr double kRotationRate = 3e-3;  // of the free matrix behind a rotation
constexpr double kSpectrumRate = 0.03;
constexpr double kSmallestStartSnr = 0.003;  // or a direction would get no gradient
constexpr int kPolarSteps = 6;
constexpr int kStepsPerReturn = 10;  // of the free matrix to its polar factor

// logit(alpha) is 1 at .731, in the middle of the useful range.
const double kMiddleAlpha = 1 / (1 + std::exp(-1.0));
constexpr double kHighAlpha = 0.95;

torch::Tensor line_variable(const torch::Tensor& alphas) {
  return ((alphas.log() - (1 - alphas).log() - 1) / 2).unsqueeze(1);
}

// Logits whose SNRs are those of water-filling, from below.
torch::Tensor start_logits(const Code& fisher, double alpha, std::int64_t directions) {
  auto snr = allocate(fisher, alpha, Objective::kFisher);
  snr.resize(static_cast<std::size_t>(directions));
  return -torch::tensor(snr, torch::kFloat64).clamp_min(kSmallestStartSnr).log();
}

class LearnedObfuscator : public Obfuscator {
 public:
  LearnedObfuscator(const Code& fisher, std::int64_t directions, float clip)
      : Obfuscator(fisher.mean.numel(), clip), mean_(fisher.mean) {
    for (const auto dtype : {torch::kFloat32, torch::kFloat64}) {
      whitening_.push_back({fisher.basis.to(dtype), fisher.decode.to(dtype)});
    }
    middle_ = start_logits(fisher, kMiddleAlpha, directions);
    const double reach = line_variable(torch::tensor({kHighAlpha}, torch::kFloat64)).item<double>();
    slope_ = (start_logits(fisher, kHighAlpha, directions) - middle_) / reach;
    middle_.requires_grad_(true);
    slope_.requires_grad_(true);
  }

  Code code() const override {
    const torch::NoGradGuard no_grad;
    const auto [basis, decode] = halves(torch::kFloat64);
    return {mean_, basis, decode, {}};
  }

  torch::Tensor spectrum(const torch::Tensor& alphas) const override {
    const auto s = middle_ + slope_ * line_variable(alphas);
    return torch::exp(-(s + alpha_root(s, alphas, channels()))).clamp_max(kSnrCap);
  }
  CodeTensors tensors() const override {
    const auto [basis, decode] = halves(torch::kFloat32);
    return {mean_.to(torch::kFloat32), basis, decode};
  }

 protected:
  ParameterGroup spectrum_group() const {
    return {{middle_, slope_}, kSpectrumRate, 0, /*clipped=*/false};
  }
  // Basis K x N and decoder N x K.
  struct Halves {
    torch::Tensor basis, decode;
  };
  // Of the Fisher code.
  const Halves& whitening(torch::Dtype dtype) const {
    return whitening_[dtype == torch::kFloat32 ? 0 : 1];
  }
  // As they are now, computed in this type: float32 in the graph of training, float64 for the code
  // that is sealed.
  virtual Halves halves(torch::Dtype dtype) const = 0;

 private:
  torch::Tensor mean_;             // N, float64
  std::vector<Halves> whitening_;  // in float32, in float64
  torch::Tensor middle_, slope_;   // K, float64
};

class Rotated final : public LearnedObfuscator {
 public:
  Rotated(const Code& fisher, std::int64_t directions, float clip)
      : LearnedObfuscator(fisher, directions, clip),
        free_(torch::eye(directions, fisher.basis.size(0)).requires_grad_(true)) {}

  std::vector<ParameterGroup> parameters() override {
    return {spectrum_group(), {{free_}, kRotationRate, 0, /*clipped=*/false}};
  }
  // Newton-Schulz diverges once a singular value of the free matrix exceeds sqrt(3).
  void after_step(int step) override {
    if (step % kStepsPerReturn != kStepsPerReturn - 1) return;
    const torch::NoGradGuard no_grad;
    free_.copy_(polar_factor(free_));
  }

 private:
  Halves halves(torch::Dtype dtype) const override {
    const auto rotation = polar_factor(free_.to(dtype));
    return {rotation.mm(whitening(dtype).basis), whitening(dtype).decode.mm(rotation.t())};
  }

  torch::Tensor free_;  // K x D
};

class Coded final : public LearnedObfuscator {
 public:
  Coded(const Code& fisher, std::int64_t directions, float clip)
      : LearnedObfuscator(fisher, directions, clip),
        rows_(torch::eye(directions, fisher.basis.size(0)).requires_grad_(true)),
        decoder_(fisher.decode.narrow(1, 0, directions).to(torch::kFloat32).clone()) {
    decoder_.requires_grad_(true);
  }

  std::vector<ParameterGroup> parameters() override {
    return {spectrum_group(), {{rows_}, kCodeRate, 0}, {{decoder_}, kCodeRate, 1e-4}};
  }

 private:
  // In white space the variance of a row's direction is its squared norm.
  Halves halves(torch::Dtype dtype) const override {
    const auto rows = rows_.to(dtype);
    const auto unit = rows / rows.norm(2, {1}, /*keepdim=*/true);
    return {unit.mm(whitening(dtype).basis), decoder_.to(dtype)};
  }

  torch::Tensor rows_;     // K x D
  torch::Tensor decoder_;  // N x K
};

}  // namespace

torch::Tensor polar_factor(const torch::Tensor& matrix) {
  auto a = matrix;
  for (int step = 0; step < kPolarSteps; ++step) a = 1.5 * a - 0.5 * a.mm(a.t()).mm(a);
  return a;
}

std::unique_ptr<Obfuscator> learned_obfuscator(const Code& fisher, Objective objective,
                                               std::int64_t directions, float clip) {
  const std::int64_t most = fisher.basis.size(0);
  check(0 < directions && directions <= most, "directions must be in 1..", most,
        ", those with any variance at the split point, got ", directions);
  if (objective == Objective::kLinear) return std::make_unique<Rotated>(fisher, directions, clip);
  check(objective == Objective::kCoded, "a learned code is linear or coded");
  return std::make_unique<Coded>(fisher, directions, clip);
}

}  // namespace scrim
