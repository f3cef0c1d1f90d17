#include "learn/calibration.h"

#include "noise/contract.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

constexpr std::int64_t kChannels = 6;

// Three directions of variance 1 over correlated channels; the third never has bits.
struct CalibrationFixture {
  CalibrationFixture() {
    torch::manual_seed(3);
    const auto mix = torch::randn({kChannels, kChannels});
    cells = (torch::randn({20000, kChannels}).mm(mix) + 2)
                .t()
                .contiguous()
                .view({1, kChannels, 100, 200});
    moments.add(cells);
    Moments gradient;
    gradient.add(torch::randn({1, kChannels, 10, 10}));
    code = closed_form_code(moments, gradient, Objective::kFisher);
    code.basis = code.basis.narrow(0, 0, 3);
    code.decode = code.decode.narrow(1, 0, 3);
    noise = noise_parameters(code, {0.5, 0.9}, {{3, 1, 0}, {0.5, 0.1, 0}}, 100);
  }
  torch::Tensor cells;
  Moments moments;
  Code code;
  NoiseParameters noise;
};

TEST(GainAndNoise, WienerGainKeepsTheSignalToNoiseRatio) {
  const GainAndNoise with = gain_and_noise(3);
  EXPECT_NEAR(with.scale, 0.75, 1e-12);
  EXPECT_NEAR(std::pow(with.scale / with.sigma, 2), 3, 1e-12);
  const GainAndNoise without = gain_and_noise(3, false);
  EXPECT_EQ(without.scale, 1);
  EXPECT_NEAR(without.sigma, 1 / std::sqrt(3.0), 1e-12);
  EXPECT_EQ(gain_and_noise(0).scale, 0);
}

TEST(NoiseParameters, DirectionsWithoutBitsAtAnyAlphaAreNotSent) {
  const CalibrationFixture f;
  EXPECT_EQ(f.noise.directions, 2);
  EXPECT_EQ(f.noise.channels, kChannels);
  EXPECT_EQ(f.noise.basis.size(), 2U * kChannels);
  EXPECT_EQ(f.noise.decode.size(), 2U * kChannels);
  EXPECT_NEAR(realised_alpha(f.noise, 0, std::vector<double>{1, 1}),
              alpha_of(std::vector<double>{3, 1}, kChannels), 1e-6);
}

TEST(RealisedAlpha, UncorrelatedDirectionsKeepTheSameJointly) {
  const CalibrationFixture f;
  const auto variances = direction_variances(f.noise, f.moments);
  EXPECT_NEAR(variances[0], 1, 1e-4);  // float32 basis
  EXPECT_NEAR(realised_alpha(f.noise, 1, variances), realised_joint_alpha(f.noise, 1, f.moments),
              1e-6);
}

TEST(RealisedAlpha, CorrelationMakesTheDirectionwiseCountSafe) {
  CalibrationFixture f;
  const auto n = static_cast<std::ptrdiff_t>(kChannels);
  std::copy_n(f.noise.basis.begin(), n, f.noise.basis.begin() + n);  // both see the same
  const auto variances = direction_variances(f.noise, f.moments);
  EXPECT_LT(realised_alpha(f.noise, 0, variances),
            realised_joint_alpha(f.noise, 0, f.moments) - 0.01);
}

TEST(CellNorms, MeanSquareIsTheSumOfTheRatiosAndQuantilesAscend) {
  const CalibrationFixture f;
  const CellNorms norms = cell_norms(f.noise, 0, f.cells);
  EXPECT_LT(norms.median, norms.p99);
  EXPECT_LT(norms.p99, norms.p999);
  EXPECT_LE(norms.p999, norms.most);
  // Gaussian cells: the square of the norm is 3 a^2 + b^2 with a, b normal, median in (1, 4).
  EXPECT_GT(norms.median, 1);
  EXPECT_LT(norms.median, 2);
}

}  // namespace
}  // namespace scrim
