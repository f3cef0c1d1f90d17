#include "noise/mechanism.h"

#include "noise/contract.h"
#include "release/noise_parameters.h"
#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace scrim {
namespace {

using MechanismFloats = std::vector<float>;
constexpr float kInfinityF = std::numeric_limits<float>::infinity();
constexpr float kNaNF = std::numeric_limits<float>::quiet_NaN();

// Changes one thing in sound parameters, and expects the sentence that names it.
template <typename Change>
void expect_rejected(ErrorCode code, const std::string& part, Change change) {
  NoiseParameters noise = tiny_noise();
  change(noise);
  expect_error(code, part, [&] { mechanism_at(noise, 0.8); });
}

TEST(Mechanism, IsTheRowOfItsAlpha) {
  const NoiseParameters noise = tiny_noise();
  for (std::size_t row = 0; row < noise.alphas.size(); ++row) {
    const Mechanism mechanism = mechanism_at(noise, noise.alphas[row]);
    EXPECT_EQ(mechanism.alpha, noise.alphas[row]);
    EXPECT_EQ(mechanism.scale, noise.scale[row]);
    EXPECT_EQ(mechanism.sigma, noise.sigma[row]);
    EXPECT_EQ(mechanism.channels, 4);
    EXPECT_EQ(mechanism.clip, 8.0F);
  }
}

TEST(Mechanism, TakesAlphaAsTheReleaseSpellsIt) {
  EXPECT_EQ(mechanism_at(tiny_noise(), 0.8 + 5e-10).alpha, 0.8);
  expect_error(ErrorCode::kInvalidArgument, "not calibrated",
               [] { mechanism_at(tiny_noise(), 0.8 + 2e-9); });
}

TEST(Mechanism, AnUncalibratedAlphaIsRefusedWithTheListOfThoseThatAre) {
  expect_error(ErrorCode::kInvalidArgument,
               "alpha 0.7 is not calibrated; the release has 0.5, 0.8, 0.95",
               [] { mechanism_at(tiny_noise(), 0.7); });
}

TEST(Mechanism, AlphaOutsideItsRangeIsRefused) {
  for (const double alpha : {0.0, 1.0, -0.8, 1.5, std::nan("")}) {
    expect_error(ErrorCode::kInvalidArgument, "alpha must be in (0, 1)",
                 [&] { mechanism_at(tiny_noise(), alpha); });
  }
}

TEST(Mechanism, RefusesAReleaseWithoutNoise) {
  expect_rejected(ErrorCode::kRefused, "no noise", [](NoiseParameters& noise) {
    noise.sigma[1] = MechanismFloats(3, 0.0F);
    noise.scale[1] = MechanismFloats(3, 0.0F);
  });
}

TEST(Mechanism, RefusesADirectionThatWouldPassBare) {
  expect_rejected(ErrorCode::kRefused, "direction 2 would pass without noise",
                  [](NoiseParameters& noise) { noise.sigma[1][2] = 0.0F; });
}

TEST(Mechanism, ADirectionMayCarryNothing) {
  NoiseParameters noise = tiny_noise();
  noise.scale[1][0] = 0.0F;
  noise.sigma[1][0] = 0.0F;
  EXPECT_GT(mechanism_at(noise, 0.8).realised_alpha, 0.8);
}

TEST(Mechanism, RefusesNumbersThatAreNone) {
  for (const float bad : {kNaNF, kInfinityF, -1.0F}) {
    expect_rejected(ErrorCode::kInvalidArgument, "sigma of direction 1",
                    [&](NoiseParameters& noise) { noise.sigma[1][1] = bad; });
    expect_rejected(ErrorCode::kInvalidArgument, "scale of direction 0",
                    [&](NoiseParameters& noise) { noise.scale[1][0] = bad; });
    expect_rejected(ErrorCode::kInvalidArgument, "held-out variance of direction 2",
                    [&](NoiseParameters& noise) { noise.held_out_variance[2] = bad; });
    expect_rejected(ErrorCode::kInvalidArgument, "clip must be in (0, 511]",
                    [&](NoiseParameters& noise) { noise.clip = bad; });
  }
  expect_rejected(ErrorCode::kInvalidArgument, "got 512",
                  [](NoiseParameters& noise) { noise.clip = 512.0F; });
}

TEST(Mechanism, RefusesPartsThatDoNotFitTogether) {
  using N = NoiseParameters;
  const auto invalid = ErrorCode::kInvalidArgument;
  expect_rejected(invalid, "0 directions", [](N& noise) { noise.directions = 0; });
  expect_rejected(invalid, "of 2 channels", [](N& noise) { noise.channels = 2; });
  expect_rejected(invalid, "2 values of scale", [](N& noise) { noise.scale[1].pop_back(); });
  expect_rejected(invalid, "4 values of sigma", [](N& noise) { noise.sigma[1].push_back(1); });
  expect_rejected(invalid, "2 rows of scale", [](N& noise) { noise.scale.pop_back(); });
  expect_rejected(invalid, "4 held-out", [](N& noise) { noise.held_out_variance.push_back(1); });
}

TEST(RealisedAlpha, IsTheClaimedOneForUnitVariance) {
  for (const double alpha : {0.5, 0.8, 0.95}) {
    NoiseParameters noise = tiny_noise();
    noise.held_out_variance = {1.0F, 1.0F, 1.0F};
    // sigma is rounded to float32: the SNR, and ln alpha at most, move by 2 * 2^-24.
    EXPECT_NEAR(mechanism_at(noise, alpha).realised_alpha, alpha, 2e-7);
    noise.held_out_variance.clear();
    EXPECT_NEAR(mechanism_at(noise, alpha).realised_alpha, alpha, 2e-7);
  }
}

TEST(RealisedAlpha, IsTheLowerOfWhatIsPromisedAndWhatIsMeasured) {
  const MechanismFloats scale = {1.0F, 2.0F};
  const MechanismFloats sigma = {1.0F, 2.0F};
  const double promised = alpha_of(std::vector<double>{1.0, 1.0}, 4);
  const double measured = alpha_of(std::vector<double>{0.5, 3.0}, 4);
  ASSERT_LT(measured, promised);
  EXPECT_DOUBLE_EQ(realised_alpha(scale, sigma, MechanismFloats{0.5F, 3.0F}, 4), measured);
  EXPECT_DOUBLE_EQ(realised_alpha(scale, sigma, MechanismFloats{0.5F, 0.9F}, 4), promised);
}

TEST(RealisedAlpha, SmallVariancesAreNoLicenceForWeakNoise) {
  expect_rejected(ErrorCode::kRefused, "claims alpha 0.8", [](NoiseParameters& noise) {
    for (float& sigma : noise.sigma[1]) sigma *= 0.5F;
    noise.held_out_variance = MechanismFloats(3, 0.01F);
  });
}

TEST(RealisedAlpha, RefusedJustAboveTheMarginAndNotBelow) {
  // All directions with variance v: the bits grow by ln(1 + v SNR) / ln(1 + SNR).
  const double snr = std::pow(0.8, -4.0 / 3.0) - 1.0;
  const double at_margin = std::expm1((1 + kBitsMargin) * std::log1p(snr)) / snr;
  NoiseParameters noise = tiny_noise();
  noise.held_out_variance = MechanismFloats(3, static_cast<float>(at_margin - 1e-4));
  EXPECT_LT(mechanism_at(noise, 0.8).realised_alpha, 0.8);
  noise.held_out_variance = MechanismFloats(3, static_cast<float>(at_margin + 1e-4));
  expect_error(ErrorCode::kRefused, "claims alpha 0.8", [&] { mechanism_at(noise, 0.8); });
}

TEST(RealisedAlpha, NoiseWeakerThanTheClaimIsRefused) {
  expect_rejected(ErrorCode::kRefused, "bits per cell", [](NoiseParameters& noise) {
    for (float& sigma : noise.sigma[1]) sigma *= 0.5F;
  });
}

TEST(RealisedAlpha, ARowOfAnotherAlphaUnderThisNameIsRefused) {
  expect_rejected(ErrorCode::kRefused, "claims alpha 0.8",
                  [](NoiseParameters& noise) { noise.sigma[1] = noise.sigma[0]; });
}

// Random logits and random Fisher spectra, as learning solves them, through the bytes of a release:
// float32 leaves every alpha within 1e-6.
TEST(Mechanism, KeepsAnyAlphaOfAnySpectrumAfterSaveAndLoad) {
  std::mt19937_64 random(11);
  const auto draw = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  for (int round = 0; round < 60; ++round) {
    const auto channels = static_cast<std::int64_t>(1 + random() % 128);
    const auto directions = static_cast<std::int64_t>(1 + random() % channels);
    NoiseParameters noise;
    noise.channels = channels;
    noise.directions = directions;
    noise.alphas = {draw(0.05, 0.4), draw(0.41, 0.8), draw(0.81, 0.985)};
    std::vector<double> spectrum(static_cast<std::size_t>(directions));
    const double spread = draw(0.1, 10);
    for (double& value : spectrum) value = draw(-spread, spread);
    for (double& alpha : noise.alphas) {
      std::vector<double> snr;
      if (round % 2 == 0) {
        snr = solve_alpha(spectrum, alpha, channels).snr;
      } else {
        std::vector<double> gamma;
        for (const double value : spectrum) gamma.push_back(std::exp(value));
        const WaterFilling filling = fisher_snr(gamma, alpha, channels);
        snr = filling.snr;
        alpha = filling.alpha;  // higher than asked for where every direction is at its cap
      }
      noise.scale.emplace_back();
      noise.sigma.emplace_back();
      for (const double ratio : snr) {
        noise.scale.back().push_back(ratio > 0 ? 1.0F : 0.0F);
        noise.sigma.back().push_back(ratio > 0 ? static_cast<float>(1 / std::sqrt(ratio)) : 0.0F);
      }
    }
    if (!(noise.alphas[0] < noise.alphas[1] && noise.alphas[1] < noise.alphas[2])) continue;
    noise.mean.resize(static_cast<std::size_t>(channels));
    noise.basis.resize(static_cast<std::size_t>(channels * directions));
    noise.decode = noise.basis;
    noise.held_out_variance.assign(static_cast<std::size_t>(directions), 1.0F);
    check_noise(noise);
    const NoiseParameters read = parse_noise(format_noise(noise));
    for (const double alpha : noise.alphas) {
      EXPECT_NEAR(mechanism_at(read, alpha).realised_alpha, alpha, 1e-6)
          << "round " << round << ", " << directions << " of " << channels;
    }
  }
}

TEST(HeldOutJointAlpha, IsTheReferencesForItsTwoDirections) {
  // S = [[2,1],[1,2]], noise variances 1 and 4, N = 2; a third direction carries nothing.
  const Mechanism mechanism{.alpha = 0.5,
                            .realised_alpha = 0.5,
                            .channels = 2,
                            .clip = 8,
                            .scale = {1, 0, 1},
                            .sigma = {1, 0, 2}};
  const std::vector<float> covariance = {2, 9, 1, 9, 9, 9, 1, 9, 2};
  EXPECT_NEAR(held_out_joint_alpha(mechanism, covariance), .48507125007, 5e-12);
  EXPECT_TRUE(std::isnan(held_out_joint_alpha(mechanism, {})));
  EXPECT_THROW(held_out_joint_alpha(mechanism, std::vector<float>(4, 1.0F)), Error);
}

}  // namespace
}  // namespace scrim
