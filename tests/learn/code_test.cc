#include "learn/code.h"
#include "learn/calibration.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace scrim {
namespace {

constexpr std::int64_t kCodeChannels = 12;

// Correlated activations whose task looks along one channel only.
struct CodeFixture {
  CodeFixture() {
    torch::manual_seed(3);
    const auto mix = torch::randn({kCodeChannels, kCodeChannels});
    const auto cells = torch::randn({4000, kCodeChannels}).mm(mix) + 2;
    activation.add(cells.t().contiguous().view({1, kCodeChannels, 40, 100}));
    auto gradients = torch::randn({400, kCodeChannels}) * 0.05;
    gradients.select(1, 4) += torch::randn({400}) * 2;
    gradient.add(gradients.t().contiguous().view({1, kCodeChannels, 4, 100}));
  }
  Moments activation, gradient;
};

// The release of a closed-form code.
NoiseParameters noise_of(const Code& code, const std::vector<double>& alphas, Objective objective) {
  std::vector<std::vector<double>> snr;
  for (const double alpha : alphas) snr.push_back(allocate(code, alpha, objective));
  return noise_parameters(code, alphas, snr, 8);
}

double alpha_kept(const NoiseParameters& noise, std::size_t row) {
  const std::vector<double> ones(static_cast<std::size_t>(noise.directions), 1.0);
  return realised_alpha(noise, row, ones);
}

TEST(Code, DirectionsHaveVarianceOneAndAreUncorrelated) {
  CodeFixture f;
  for (const auto objective : {Objective::kFisher, Objective::kUniform}) {
    const Code code = closed_form_code(f.activation, f.gradient, objective);
    const auto covariance = code.basis.mm(f.activation.covariance()).mm(code.basis.t());
    EXPECT_TRUE(torch::allclose(covariance, torch::eye(kCodeChannels, torch::kFloat64), 0, 1e-8));
    EXPECT_TRUE(torch::allclose(code.basis.mm(code.decode),
                                torch::eye(kCodeChannels, torch::kFloat64), 0, 1e-8));
  }
}

TEST(Code, FisherSpendsItsBitsWhereTheTaskLooks) {
  CodeFixture f;
  const Code code = closed_form_code(f.activation, f.gradient, Objective::kFisher);
  EXPECT_TRUE(std::is_sorted(code.fisher.rbegin(), code.fisher.rend()));
  const double total = std::accumulate(code.fisher.begin(), code.fisher.end(), 0.0);
  EXPECT_GT(code.fisher[0], 0.9 * total);
  // A step along the first direction is what moves channel 4 most.
  const auto moved = code.decode.select(1, 0).abs();
  const auto sensitivity =
      f.gradient.second_moment().select(0, 4)[4].item<double>() * moved[4].item<double>();
  EXPECT_GT(sensitivity, 0);
  const auto snr = allocate(code, 0.9, Objective::kFisher);
  EXPECT_EQ(*std::max_element(snr.begin(), snr.end()), snr[0]);
}

TEST(Code, ConstantChannelsAreLeftOut) {
  torch::manual_seed(4);
  auto cells = torch::randn({1, 3, 30, 30});
  cells.select(1, 1).fill_(5);
  Moments activation, gradient;
  activation.add(cells);
  gradient.add(torch::randn({1, 3, 30, 30}));
  EXPECT_EQ(closed_form_code(activation, gradient, Objective::kFisher).basis.size(0), 2);
}

TEST(NoiseParameters, KeepEveryAlphaThatTheyClaim) {
  CodeFixture f;
  const std::vector<double> alphas = {0.05, 0.5, 0.8, 0.95};
  for (const auto objective : {Objective::kFisher, Objective::kUniform}) {
    const Code code = closed_form_code(f.activation, f.gradient, objective);
    const NoiseParameters noise = noise_of(code, alphas, objective);
    for (std::size_t a = 0; a < alphas.size(); ++a) {
      // float32 scale and sigma: relative error 6e-8 each, in an exponent of at most 2 C / N = 3.
      EXPECT_NEAR(alpha_kept(noise, a), alphas[a], 1e-6);
    }
  }
}

TEST(NoiseParameters, DirectionsThatAreNeverSentAreLeftOut) {
  CodeFixture f;
  const Code code = closed_form_code(f.activation, f.gradient, Objective::kFisher);
  const NoiseParameters noise = noise_of(code, {0.99}, Objective::kFisher);
  EXPECT_LT(noise.directions, kCodeChannels);
  EXPECT_EQ(noise.channels, kCodeChannels);
  for (const float scale : noise.scale[0]) EXPECT_GT(scale, 0);
}

TEST(NoiseParameters, UniformGivesEveryDirectionTheSame) {
  CodeFixture f;
  const Code code = closed_form_code(f.activation, f.gradient, Objective::kUniform);
  const NoiseParameters noise = noise_of(code, {0.8}, Objective::kUniform);
  // sigma^2 / v = alpha / (1 - alpha) = 4, so SNR .25: gain .2, sigma .2 * 2.
  for (const float scale : noise.scale[0]) EXPECT_NEAR(scale, 0.2, 1e-6);
  for (const float sigma : noise.sigma[0]) EXPECT_NEAR(sigma, 0.4, 1e-6);
}

TEST(Widen, KeepsThePromiseOnPicturesOfLargerVariance) {
  CodeFixture f;
  Moments louder;
  torch::manual_seed(6);
  louder.add(torch::randn({1, kCodeChannels, 40, 40}) * 9);
  Code code = closed_form_code(f.activation, f.gradient, Objective::kFisher);
  const NoiseParameters before = noise_of(code, {0.8}, Objective::kFisher);
  EXPECT_LT(realised_alpha(before, 0, direction_variances(before, louder)), 0.79);
  for (const double factor : widen(code, louder)) EXPECT_GE(factor, 1);
  const NoiseParameters after = noise_of(code, {0.8}, Objective::kFisher);
  EXPECT_GE(realised_alpha(after, 0, direction_variances(after, louder)), 0.8 - 1e-5);
}

TEST(Code, WhatArrivesIsDecodedAboutItsMean) {
  const Arrived arrived{torch::tensor({{2.0F, 3.0F}}).view({1, 2, 1, 1}),
                        torch::tensor({{1.0F, 0.0F}, {0.0F, 10.0F}, {1.0F, 1.0F}}),
                        torch::tensor({100.0F, 200.0F, 300.0F})};
  EXPECT_TRUE(decoded(arrived).flatten().equal(torch::tensor({102.0F, 230.0F, 305.0F})));
}

}  // namespace
}  // namespace scrim
