#include "learn/training_noise.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

constexpr std::int64_t kChannels = 8;

Code code_of_white_channels() {
  torch::manual_seed(1);
  Moments activation, gradient;
  activation.add(torch::randn({4, kChannels, 50, 50}));
  gradient.add(torch::randn({4, kChannels, 20, 20}));
  return closed_form_code(activation, gradient, Allocation::kUniform);
}

TEST(TrainingNoise, DependsOnSeedAndStepAlone) {
  const Code code = code_of_white_channels();
  const TrainingNoise noise(code, {0.5, 0.9}, Allocation::kUniform, 8, 100, 7);
  const TrainingNoise other(code, {0.5, 0.9}, Allocation::kUniform, 8, 100, 8);
  const auto activation = torch::randn({3, kChannels, 5, 5});
  torch::manual_seed(99);
  const auto once = noise(activation, 41);
  EXPECT_TRUE(torch::equal(noise(activation, 41), once));
  EXPECT_FALSE(torch::equal(noise(activation, 42), once));
  EXPECT_FALSE(torch::equal(other(activation, 41), once));
}

TEST(TrainingNoise, SingleAlphaRampsUpAndThenHasItsVariance) {
  const int steps = 100;
  const TrainingNoise noise(code_of_white_channels(), {0.8}, Allocation::kUniform, 8, steps, 7);
  const auto zero = torch::zeros({4, kChannels, 60, 60});
  // Decoded noise in unit-variance channels has variance gain^2 sigma^2 / v: (1 - a)^2 a / (1 - a).
  const auto expected = [](double alpha) { return alpha * (1 - alpha); };
  const auto variance = [&](int step) { return noise(zero, step).var().item<double>(); };
  // 115,200 draws: five standard errors of a variance are 5 sqrt(2 / 115200) = 2 %; the channels'
  // own sample variances differ from 1 by 3 % at most.
  EXPECT_NEAR(variance(steps - 1), expected(0.8), 0.05 * expected(0.8));
  EXPECT_NEAR(variance(0), expected(0.2), 0.05 * expected(0.2));
}

TEST(TrainingNoise, SeveralAlphasMeetInOneBatch) {
  const TrainingNoise noise(code_of_white_channels(), {0.05, 0.98}, Allocation::kUniform, 8, 100,
                            7);
  const auto activation = torch::ones({64, kChannels, 20, 20}) * 3;
  // The Wiener gain shrinks a sample's mean by 1 - alpha, so the means tell the alphas apart.
  const auto means = noise(activation, 5).mean({1, 2, 3});
  EXPECT_GT(means.max().item<double>(), 2);
  EXPECT_LT(means.min().item<double>(), 1);
}

}  // namespace
}  // namespace scrim
