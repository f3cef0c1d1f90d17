#include "learn/mixture.h"

#include "noise/contract.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

constexpr std::int64_t kChannels = 4;

Moments activation_moments() {
  torch::manual_seed(2);
  Moments moments;
  moments.add(torch::randn({2, kChannels, 60, 60}) * 2 + 1);
  return moments;
}

TEST(Mixture, NoiseStandsOnTheChannelsThemselves) {
  const auto mixture = mixture_obfuscator(activation_moments(), 0.5, 8);
  const Code code = mixture->code();
  EXPECT_FALSE(code.wiener);
  EXPECT_TRUE(torch::allclose(code.basis.mm(code.decode), torch::eye(kChannels, torch::kFloat64)));
  const auto zero = torch::zeros({8, kChannels, 50, 50}) + code.mean.view({1, -1, 1, 1});
  const auto noisy =
      (*mixture)(zero.to(torch::kFloat32), torch::full({8}, 0.5, torch::kFloat64), 3);
  // sigma_max is 4 rms deviations of 2; the start is an eighth of it: (1 + tanh -1) / 2 of 8.
  const double sigma = 8 * (1 + std::tanh(-1.0)) / 2;
  EXPECT_NEAR((noisy - zero).std().item<double>(), sigma, 0.05 * sigma);
}

TEST(Mixture, PenaltyFallsAsTheNoiseGrowsAndLeavesTheTaskTheRest) {
  const auto mixture = mixture_obfuscator(activation_moments(), 0.8, 8);
  EXPECT_NEAR(mixture->task_weight(), 0.2, 1e-12);
  const double before = mixture->penalty().item<double>();
  mixture->penalty().backward();
  const auto rho = mixture->parameters().front().tensors.front();
  EXPECT_LT(rho.grad().max().item<double>(), 0);  // more noise, less loss
  {
    const torch::NoGradGuard no_grad;
    torch::Tensor(rho).sub_(rho.grad());
  }
  EXPECT_LT(mixture->penalty().item<double>(), before);
}

TEST(Mixture, AlphaIsWhatItsNoiseLetsPass) {
  const auto mixture = mixture_obfuscator(activation_moments(), 0.5, 8);
  EXPECT_EQ(mixture->snr(0.1), mixture->snr(0.9));  // no promise: measured after the fact
  const double sigma = 8 * (1 + std::tanh(-1.0)) / 2;
  EXPECT_NEAR(alpha_of(mixture->snr(0.5), kChannels), 1 / (1 + 4 / (sigma * sigma)), 0.03);
  EXPECT_EQ(mixture->alphas({0.1, 0.9}),
            std::vector<double>{alpha_of(mixture->snr(0.5), kChannels)});
}

}  // namespace
}  // namespace scrim
