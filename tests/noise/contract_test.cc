#include "noise/contract.h"

#include <scrim/status.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <tuple>
#include <vector>

namespace scrim {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;
using Doubles = std::vector<double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const Doubles kAlphas = {0.05, 0.2, 0.5, 0.8, 0.95, 0.985};

// Half a unit of the last digit that the reference prints.
constexpr double digits(int decimals) {
  double half = 0.5;
  for (int i = 0; i < decimals; ++i) half /= 10;
  return half;
}

template <typename Call>
void expect_invalid(Call call, const std::string& part) {
  try {
    call();
    FAIL() << "expected an error that names " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(error.what(), HasSubstr(part));
  }
}

Doubles random_values(std::size_t count, double low, double high, unsigned seed) {
  std::mt19937_64 generator(seed);
  std::uniform_real_distribution<double> draw(low, high);
  Doubles values(count);
  std::generate(values.begin(), values.end(), [&] { return draw(generator); });
  return values;
}

// A spectrum over twelve decades, as Fisher information comes.
Doubles random_spectrum(std::size_t count, unsigned seed) {
  Doubles spectrum = random_values(count, -8.0, 4.0, seed);
  for (double& gamma : spectrum) gamma = std::pow(10.0, gamma);
  return spectrum;
}

// Alpha bounds and bits.

TEST(AlphaOf, NoSignalPassesNothing) {
  EXPECT_EQ(alpha_of({}, 128), 1.0);
  EXPECT_EQ(alpha_of(Doubles{0.0, 0.0}, 128), 1.0);
}

TEST(AlphaOf, OneChannelIsTheShareOfNoiseInTheTotal) {
  EXPECT_DOUBLE_EQ(alpha_of(Doubles{2.0 / 6.0}, 1), 6.0 / 8.0);
}

TEST(AlphaOf, DirectionsNotSentCountAsDestroyed) {
  EXPECT_DOUBLE_EQ(alpha_of(Doubles{1.0, 3.0}, 4), alpha_of(Doubles{1.0, 3.0, 0.0, 0.0}, 4));
  EXPECT_DOUBLE_EQ(alpha_of(Doubles{1.0, 3.0}, 4), std::pow(8.0, -0.25));
}

TEST(AlphaOf, FallsWhenAnyDirectionGainsSignal) {
  const Doubles snr = random_values(16, 0.0, 5.0, 1);
  for (std::size_t k = 0; k < snr.size(); ++k) {
    Doubles more = snr;
    more[k] += 0.1;
    EXPECT_LT(alpha_of(more, 32), alpha_of(snr, 32));
  }
}

TEST(AlphaOf, RefusesRatiosThatAreNotRatios) {
  expect_invalid([] { alpha_of(Doubles{1.0, kNaN}, 2); }, "signal-to-noise ratio 1 is nan");
  expect_invalid([] { alpha_of(Doubles{kInfinity}, 2); }, "inf");
  expect_invalid([] { alpha_of(Doubles{-0.5}, 2); }, "-0.5");
  expect_invalid([] { alpha_of(Doubles{1.0, 1.0, 1.0}, 2); }, "3 directions");
  expect_invalid([] { alpha_of({}, 0); }, "0 channels");
}

TEST(Bits, PerElementAsTheReferencePrintsThem) {
  const std::vector<std::tuple<double, double, int>> rows = {
      {.05, 2.161, 3}, {.1, 1.661, 3}, {.2, 1.161, 3}, {.4, .661, 3},   {.5, .5, 15},
      {.6, .368, 3},   {.8, .161, 3},  {.9, .0760, 4}, {.95, .0370, 4}, {.99, .00725, 5}};
  for (const auto& [alpha, bits, decimals] : rows) {
    EXPECT_NEAR(bits_per_element(alpha), bits, digits(decimals)) << alpha;
  }
  EXPECT_EQ(bits_per_element(1.0), 0.0);
}

TEST(Bits, PerCellOf128ChannelsAsTheReferencePrintsThem) {
  const std::vector<std::tuple<double, double, int>> rows = {
      {.05, 276.6, 1}, {.2, 148.6, 1},  {.5, 64.0, 12},  {.8, 20.60, 2},
      {.9, 9.728, 3},  {.95, 4.736, 3}, {.98, 1.865, 3}, {.99, .928, 3}};
  for (const auto& [alpha, bits, decimals] : rows) {
    EXPECT_NEAR(bits_per_cell(alpha, 128), bits, digits(decimals)) << alpha;
  }
}

TEST(Bits, RefuseAlphaOutOfRange) {
  expect_invalid([] { bits_per_element(0.0); }, "alpha must be in (0, 1]");
  expect_invalid([] { bits_per_element(1.01); }, "1.01");
  expect_invalid([] { bits_per_element(kNaN); }, "nan");
  expect_invalid([] { bits_per_cell(0.5, 0); }, "channels must be positive");
}

// Repeats.

TEST(Repeats, UniformCasesAsTheReferencePrintsThem) {
  const std::vector<std::tuple<double, double, double>> rows = {
      {.95, 19, .5}, {.95, 2, .904761904762}, {.8, 4, .5}, {.95, 10, .655172413793}};
  for (const auto& [alpha, repeats, expected] : rows) {
    const Doubles snr(8, uniform_snr(alpha, 8, 8));
    EXPECT_NEAR(alpha_after_repeats(snr, 8, repeats), expected, digits(12)) << alpha;
  }
}

TEST(Repeats, UniformCaseHasAClosedForm) {
  for (const double alpha : kAlphas) {
    const Doubles snr(32, uniform_snr(alpha, 32, 32));
    for (const double n : {1.0, 3.0, 100.0}) {
      EXPECT_NEAR(alpha_after_repeats(snr, 32, n), alpha / (alpha + n * (1 - alpha)), 1e-13);
    }
  }
}

TEST(Repeats, OneReleaseIsTheContractItselfAndMoreOnlyReveal) {
  const Doubles snr = random_values(20, 0.0, 3.0, 2);
  EXPECT_EQ(alpha_after_repeats(snr, 128, 1), alpha_of(snr, 128));
  EXPECT_LT(alpha_after_repeats(snr, 128, 2), alpha_of(snr, 128));
  expect_invalid([&] { alpha_after_repeats(snr, 128, 0.5); },
                 "repeats must be at least 1, got 0.5");
  expect_invalid([&] { alpha_after_repeats(snr, 128, kInfinity); }, "repeats");
}

// Joint capacity.

TEST(JointCapacity, OfTwoCorrelatedDirectionsAsTheReferencePrintsIt) {
  const Doubles covariance = {2, 1, 1, 2};
  const Doubles noise = {1, 4};
  EXPECT_NEAR(joint_capacity(covariance, noise), .7234594914681628, digits(15));
  EXPECT_NEAR(joint_alpha(covariance, noise, 2), .48507125007, digits(11));
  EXPECT_NEAR(alpha_of(Doubles{2.0, 0.5}, 2), .47140452079, digits(11));
  EXPECT_NEAR(-std::log(alpha_of(Doubles{2.0, 0.5}, 2)), .7520386983881371, digits(15));
}

TEST(JointCapacity, EqualsTheDiagonalFormWithoutCorrelation) {
  const Doubles variance = random_values(6, 0.1, 3.0, 3);
  const Doubles noise = random_values(6, 0.1, 3.0, 4);
  Doubles covariance(36);
  Doubles snr(6);
  for (std::size_t k = 0; k < 6; ++k) {
    covariance[k * 7] = variance[k];
    snr[k] = variance[k] / noise[k];
  }
  EXPECT_NEAR(joint_alpha(covariance, noise, 16), alpha_of(snr, 16), 1e-14);
}

TEST(JointCapacity, NeverExceedsTheDiagonalForm) {
  constexpr std::size_t kSize = 8;
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Doubles factor = random_values(kSize * kSize, -1, 1, seed);
    const Doubles noise = random_values(kSize, 0.1, 2.0, seed + 1000);
    Doubles covariance(kSize * kSize);
    Doubles snr(kSize);
    for (std::size_t i = 0; i < kSize; ++i) {
      for (std::size_t j = 0; j < kSize; ++j) {
        covariance[i * kSize + j] = std::inner_product(
            &factor[i * kSize], &factor[i * kSize] + kSize, &factor[j * kSize], 0.0);
      }
      snr[i] = covariance[i * kSize + i] / noise[i];
    }
    EXPECT_GE(joint_alpha(covariance, noise, 8), alpha_of(snr, 8)) << seed;
  }
}

TEST(JointCapacity, AlphaCountsTheChannelsOfTheNetwork) {
  EXPECT_DOUBLE_EQ(joint_alpha(Doubles{3.0}, Doubles{1.0}, 1), 0.25);
  EXPECT_DOUBLE_EQ(joint_alpha(Doubles{3.0}, Doubles{1.0}, 2), 0.5);
}

TEST(JointCapacity, RefusesWhatIsNoCovariance) {
  expect_invalid([] { joint_capacity(Doubles{1, 5, 5, 1}, Doubles{1, 1}); }, "semi-definite");
  expect_invalid([] { joint_capacity(Doubles{1, 0, 0}, Doubles{1, 1}); }, "4 entries, got 3");
  expect_invalid([] { joint_capacity(Doubles{1}, Doubles{0}); }, "noise variance 0 is 0");
  expect_invalid([] { joint_capacity(Doubles{kNaN}, Doubles{1}); }, "covariance entry 0 is nan");
}

// Uniform allocation.

TEST(UniformSnr, IsTheNoiseShareOfTheContract) {
  for (const double alpha : kAlphas) {
    EXPECT_NEAR(uniform_snr(alpha, 128, 128), (1 - alpha) / alpha, 1e-13 / alpha);
  }
}

TEST(UniformSnr, KeepsTheContractForAnyNumberOfDirections) {
  for (const double alpha : kAlphas) {
    for (const std::int64_t directions : {1, 16, 32, 127, 128}) {
      const double each = uniform_snr(alpha, 128, directions);
      if (!std::isfinite(each)) continue;  // 128 channels' bits in one direction overflow a double
      const Doubles snr(static_cast<std::size_t>(directions), each);
      EXPECT_NEAR(alpha_of(snr, 128), alpha, 1e-12) << alpha << " over " << directions;
    }
  }
}

TEST(UniformSnr, RefusesWhatCannotBeShared) {
  expect_invalid([] { uniform_snr(1.0, 8, 8); }, "alpha must be in (0, 1), got 1");
  expect_invalid([] { uniform_snr(0.5, 8, 9); }, "directions must be in 1..8, got 9");
  expect_invalid([] { uniform_snr(0.5, 8, 0); }, "got 0");
}

// Reverse water-filling.

TEST(FisherSnr, AsTheReferencePrintsIt) {
  const WaterFilling filling = fisher_snr(Doubles{8, 4, 2, 1, .5, .1}, .8, 6);
  EXPECT_NEAR(filling.theta, 2.89630937574, digits(11));
  EXPECT_THAT(filling.snr, Pointwise(DoubleNear(digits(12)),
                                     Doubles{1.762135864010, .381067932005, 0, 0, 0, 0}));
}

TEST(FisherSnr, KeepsTheContractOverRandomSpectra) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    const Doubles gamma = random_spectrum(1 + seed * 3, seed);
    for (const double alpha : kAlphas) {
      const WaterFilling filling = fisher_snr(gamma, alpha, 128, 1e300);
      EXPECT_NEAR(alpha_of(filling.snr, 128), alpha, 1e-12) << seed << " " << alpha;
    }
  }
}

TEST(FisherSnr, KeepsTheContractUnderTheCapWhereTheBitsFit) {
  constexpr double kCap = 50;
  int capped = 0;
  for (unsigned seed = 0; seed < 40; ++seed) {
    const Doubles gamma = random_spectrum(64, seed);
    for (const double alpha : kAlphas) {
      // 64 directions at the cap would carry 64 ln(51) nats of alpha's 128 ln(1/alpha).
      if (128 * -std::log(alpha) > 64 * std::log1p(kCap)) continue;
      const WaterFilling filling = fisher_snr(gamma, alpha, 128, kCap);
      EXPECT_NEAR(alpha_of(filling.snr, 128), alpha, 1e-12) << seed << " " << alpha;
      EXPECT_LE(std::ranges::max(filling.snr), kCap);
      capped += static_cast<int>(std::ranges::count(filling.snr, kCap));
    }
  }
  EXPECT_GT(capped, 0) << "the cap was never reached: the test shows nothing";
}

TEST(FisherSnr, StatesTheTrueAlphaWhenTheCapHoldsBitsBack) {
  // Two directions at SNR 3 pass 2 ln 4 nats: alpha = 4^(-2/4) of 4 channels, for any lower wish.
  const WaterFilling filling = fisher_snr(Doubles{8, 4}, .01, 4, 3.0);
  EXPECT_THAT(filling.snr, ::testing::ElementsAre(3.0, 3.0));
  EXPECT_DOUBLE_EQ(filling.alpha, 0.5);
  EXPECT_EQ(filling.alpha, alpha_of(filling.snr, 4));
}

TEST(FisherSnr, GivesMoreToDirectionsThatMatterMoreAndNothingToTheRest) {
  const Doubles gamma = {0.0, 5.0, 1.0, 9.0, 0.0};
  const WaterFilling filling = fisher_snr(gamma, .7, 5);
  EXPECT_EQ(filling.snr[0], 0.0);
  EXPECT_EQ(filling.snr[4], 0.0);
  EXPECT_GT(filling.snr[3], filling.snr[1]);
  EXPECT_GE(filling.snr[1], filling.snr[2]);
}

TEST(FisherSnr, DependsOnTheShapeOfTheSpectrumNotItsScale) {
  const Doubles gamma = random_spectrum(32, 5);
  Doubles scaled = gamma;
  for (double& g : scaled) g *= 1e-6;
  EXPECT_THAT(fisher_snr(scaled, .9, 64).snr,
              Pointwise(DoubleNear(1e-9), fisher_snr(gamma, .9, 64).snr));
}

TEST(FisherSnr, IsUniformOnAFlatSpectrum) {
  const WaterFilling filling = fisher_snr(Doubles(16, 2.5), .8, 64);
  const double each = uniform_snr(.8, 64, 16);
  EXPECT_THAT(filling.snr, Pointwise(DoubleNear(1e-12), Doubles(16, each)));
}

TEST(FisherSnr, RefusesASpectrumThatSaysNothing) {
  expect_invalid([] { fisher_snr(Doubles{0, 0}, .5, 2); }, "no direction has Fisher information");
  expect_invalid([] { fisher_snr({}, .5, 2); }, "no direction");
  expect_invalid([] { fisher_snr(Doubles{1, -1}, .5, 2); }, "Fisher information 1 is -1");
  expect_invalid([] { fisher_snr(Doubles{1}, 0, 2); }, "alpha must be in (0, 1), got 0");
  expect_invalid([] { fisher_snr(Doubles{1}, .5, 2, 0); }, "cap must be positive, got 0");
}

// Solving for alpha.

TEST(SolveAlpha, EqualLogitsAtAHalf) {
  const AlphaRoot root = solve_alpha(Doubles{0, 0, 0, 0}, .5, 4);
  EXPECT_NEAR(root.t, 0.0, digits(15));
  EXPECT_THAT(root.snr, Pointwise(DoubleNear(1e-15), Doubles{1, 1, 1, 1}));
}

TEST(SolveAlpha, FourLogitsAtAHalfAsTheReferencePrintsIt) {
  const AlphaRoot root = solve_alpha(Doubles{0, 1, -1, 2}, .5, 4);
  EXPECT_NEAR(root.t, -0.192695212827962, digits(15));
  const Doubles snr = {1.21251317873, .446058670605, 3.29595254051, .164095814472};
  EXPECT_THAT(root.snr, Pointwise(DoubleNear(digits(11)), snr));
  ASSERT_GE(root.trace.size(), 4U);
  EXPECT_DOUBLE_EQ(root.trace[0], -.5);
  EXPECT_NEAR(root.trace[1], -.210804099, digits(9));
  EXPECT_NEAR(root.trace[2], -.1927653991, digits(10));
  EXPECT_NEAR(root.trace[3], -.1926952139, digits(10));
}

TEST(SolveAlpha, FourLogitsAtOtherAlphasAsTheReferencePrintsThem) {
  const AlphaRoot high = solve_alpha(Doubles{0, 1, -1, 2}, .95, 4);
  EXPECT_NEAR(high.t, 2.97523026098794, digits(14));
  EXPECT_NEAR(high.trace.front(), 2.444438979, digits(9));
  const Doubles snr = {.0510356811247, .018774977852, .138729364604, .00690692836019};
  EXPECT_THAT(high.snr, Pointwise(DoubleNear(digits(12)), snr));
  EXPECT_NEAR(solve_alpha(Doubles{0, 1, -1, 2}, .05, 4).t, -3.40833694421405, digits(14));
  EXPECT_NEAR(solve_alpha(Doubles{-3, 0, 3, 8}, .8, 4).t, 2.74765422294365, digits(14));
}

TEST(SolveAlpha, TwoDirectionsOfEightCarryItAll) {
  const AlphaRoot root = solve_alpha(Doubles{-8, -8, 10, 10, 10, 10, 10, 10}, .95, 8);
  EXPECT_NEAR(root.t, 9.47956096876969, digits(14));
  EXPECT_NEAR(root.snr[0], .22773765038, digits(11));
  EXPECT_NEAR(root.snr[1], .22773765038, digits(11));
  for (std::size_t k = 2; k < 8; ++k) EXPECT_NEAR(root.snr[k], 3.46843980e-9, digits(17));
}

// The steps that Newton takes to come within 1e-9 of the root.
std::size_t steps_to_root(const AlphaRoot& root) {
  const auto close = [&](double t) { return std::abs(t - root.t) < 1e-9; };
  return static_cast<std::size_t>(std::ranges::find_if(root.trace, close) - root.trace.begin());
}

TEST(SolveAlpha, NewtonClimbsAndIsThereInElevenSteps) {
  for (const double spread : {1.0, 5.0, 10.0, 40.0}) {
    for (unsigned seed = 0; seed < 100; ++seed) {
      const Doubles s = random_values(128, -spread, spread, seed);
      for (const double alpha : kAlphas) {
        const AlphaRoot root = solve_alpha(s, alpha, 128);
        EXPECT_TRUE(std::ranges::is_sorted(root.trace));
        EXPECT_LE(steps_to_root(root), 11U) << spread << " " << seed << " " << alpha;
      }
    }
  }
}

TEST(SolveAlpha, KeepsTheContractWithFewerDirectionsThanChannels) {
  for (unsigned seed = 0; seed < 50; ++seed) {
    const Doubles s = random_values(32, -5, 5, seed);
    for (const double alpha : kAlphas) {
      EXPECT_NEAR(alpha_of(solve_alpha(s, alpha, 128).snr, 128), alpha, 1e-9) << seed;
    }
  }
}

TEST(SolveAlpha, ShiftingEveryLogitChangesNothing) {
  const Doubles s = random_values(16, -3, 3, 6);
  Doubles shifted = s;
  for (double& logit : shifted) logit += 7.0;
  EXPECT_THAT(solve_alpha(shifted, .9, 16).snr,
              Pointwise(DoubleNear(1e-12), solve_alpha(s, .9, 16).snr));
}

TEST(SolveAlpha, RefusesWhatHasNoRoot) {
  expect_invalid([] { solve_alpha(Doubles{0}, 1.0, 1); }, "alpha must be in (0, 1), got 1");
  expect_invalid([] { solve_alpha(Doubles{0}, kNaN, 1); }, "got nan");
  expect_invalid([] { solve_alpha({}, .5, 1); }, "no logits");
  expect_invalid([] { solve_alpha(Doubles{0, kInfinity}, .5, 2); }, "logit 1 is inf");
  expect_invalid([] { solve_alpha(Doubles{0, 0}, .5, 1); }, "2 directions");
}

TEST(AlphaRootGradient, AsTheReferencePrintsIt) {
  const Doubles s = {0, 1, -1, 2};
  const Doubles expected = {-.310552685355, -.174799730788, -.434766589248, -.079880994602};
  // The printed entries sum to -1 + 7e-12, the true ones to -1: the reference is good to 1e-11.
  EXPECT_THAT(alpha_root_gradient(s, solve_alpha(s, .5, 4).t),
              Pointwise(DoubleNear(1e-11), expected));
}

TEST(AlphaRootGradient, AgreesWithFiniteDifferences) {
  constexpr double kStep = 1e-4;  // the error of a central difference is of order kStep^2
  const Doubles s = random_values(12, -4, 4, 7);
  const Doubles gradient = alpha_root_gradient(s, solve_alpha(s, .9, 20).t);
  for (std::size_t k = 0; k < s.size(); ++k) {
    Doubles up = s;
    Doubles down = s;
    up[k] += kStep;
    down[k] -= kStep;
    const double slope = (solve_alpha(up, .9, 20).t - solve_alpha(down, .9, 20).t) / (2 * kStep);
    EXPECT_NEAR(gradient[k], slope, kStep * kStep) << k;
  }
}

TEST(AlphaRootGradient, SumsToMinusOneBecauseAShiftIsUndone) {
  const Doubles gradient = alpha_root_gradient(random_values(64, -40, 40, 8), 1.5);
  EXPECT_NEAR(std::accumulate(gradient.begin(), gradient.end(), 0.0), -1.0, 1e-14);
  expect_invalid([] { alpha_root_gradient({}, 0); }, "no logits");
}

TEST(SolveAlpha, VarianceTwoUnderNoiseSixIsLnThreeAndPassesAQuarter) {
  const double alpha = alpha_of(Doubles{2.0 / 6.0}, 1);
  const AlphaRoot root = solve_alpha(Doubles{0}, alpha, 1);
  EXPECT_NEAR(root.t, std::log(3.0), 1e-14);
  EXPECT_NEAR(1.0 / (1.0 + std::exp(root.t)), 0.25, 1e-14);  // the tail's Wiener gain
}

}  // namespace
}  // namespace scrim
