#include "learn/obfuscator.h"

#include "noise/contract.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

constexpr std::int64_t kObfuscatorChannels = 8;

Code code_of_white_channels() {
  torch::manual_seed(1);
  Moments activation, gradient;
  activation.add(torch::randn({4, kObfuscatorChannels, 50, 50}));
  gradient.add(torch::randn({4, kObfuscatorChannels, 20, 20}));
  return closed_form_code(activation, gradient, Objective::kUniform);
}

torch::Tensor all(double alpha, std::int64_t count) {
  return torch::full({count}, alpha, torch::kFloat64);
}

TEST(Obfuscator, DrawDependsOnTheSeedAlone) {
  const auto obfuscator = closed_form_obfuscator(code_of_white_channels(), Objective::kUniform, 8);
  const auto activation = torch::randn({3, kObfuscatorChannels, 5, 5});
  torch::manual_seed(99);
  const auto once = (*obfuscator)(activation, all(0.7, 3), 41);
  EXPECT_TRUE(torch::equal((*obfuscator)(activation, all(0.7, 3), 41), once));
  EXPECT_FALSE(torch::equal((*obfuscator)(activation, all(0.7, 3), 42), once));
}

TEST(Obfuscator, DecodedNoiseHasTheVarianceOfItsAlpha) {
  const auto obfuscator = closed_form_obfuscator(code_of_white_channels(), Objective::kUniform, 8);
  const auto zero = torch::zeros({4, kObfuscatorChannels, 60, 60});
  // Decoded noise in unit-variance channels has variance gain^2 sigma^2 / v: (1 - a)^2 a / (1 - a).
  // 115,200 draws: five standard errors of a variance are 5 sqrt(2 / 115200) = 2 %; the channels'
  // own sample variances differ from 1 by 3 % at most.
  for (const double alpha : {0.2, 0.8}) {
    const double expected = alpha * (1 - alpha);
    const double variance = (*obfuscator)(zero, all(alpha, 4), 5).var().item<double>();
    EXPECT_NEAR(variance, expected, 0.05 * expected);
  }
}

TEST(Obfuscator, EverySampleHasItsOwnAlpha) {
  const auto obfuscator = closed_form_obfuscator(code_of_white_channels(), Objective::kUniform, 8);
  const auto activation = torch::ones({2, kObfuscatorChannels, 40, 40}) * 3;
  const auto alphas = torch::tensor({0.05, 0.98}, torch::kFloat64);
  // The Wiener gain shrinks a sample's mean by 1 - alpha.
  const auto means = (*obfuscator)(activation, alphas, 5).mean({1, 2, 3});
  EXPECT_GT(means[0].item<double>(), 2.5);
  EXPECT_LT(means[1].item<double>(), 0.5);
}

TEST(Obfuscator, SpectrumIsThatOfTheAlpha) {
  const auto obfuscator = closed_form_obfuscator(code_of_white_channels(), Objective::kUniform, 8);
  EXPECT_NEAR(alpha_of(obfuscator->snr(0.6), kObfuscatorChannels), 0.6, 1e-12);
  EXPECT_EQ(obfuscator->alphas({0.2, 0.6}), (std::vector<double>{0.2, 0.6}));
  EXPECT_TRUE(obfuscator->parameters().empty());
  EXPECT_FALSE(obfuscator->penalty().defined());
}

}  // namespace
}  // namespace scrim
