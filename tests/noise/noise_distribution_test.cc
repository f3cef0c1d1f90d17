// The noise as a distribution: what a release of real activations would show to somebody who
// measures. Bounds are six standard errors, which chance breaks once in 5e8 comparisons.
#include <scrim/noise.h>

#include "noise/contract.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

namespace scrim {
namespace {

using DrawnDoubles = std::vector<double>;
constexpr double kErrors = 6;
constexpr std::int64_t kSide = 128;
constexpr std::size_t kCells = kSide * kSide;

Key distribution_key(std::uint8_t fill = 1) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(fill);
  return Key::from_bytes(bytes);
}

Activation drawn_activation(unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Activation activation{{{1, 3, kSide, kSide}, std::vector<float>(3 * kCells)}};
  // No value near the clip, so that noisy minus clean is the noise.
  for (float& value : activation.tensor.values) value = std::clamp(normal(generator), -6.0F, 6.0F);
  return activation;
}

double mean(const DrawnDoubles& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The mean of the power-th power of the distance to the mean.
double moment(const DrawnDoubles& values, int power) {
  const double centre = mean(values);
  double sum = 0;
  for (const double value : values) sum += std::pow(value - centre, power);
  return sum / static_cast<double>(values.size());
}

double correlation(const DrawnDoubles& one, const DrawnDoubles& other) {
  const double one_mean = mean(one);
  const double other_mean = mean(other);
  double sum = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    sum += (one[i] - one_mean) * (other[i] - other_mean);
  }
  return sum / static_cast<double>(one.size()) / std::sqrt(moment(one, 2) * moment(other, 2));
}

// The correlation of independent values has a standard deviation of 1/sqrt(count).
void expect_uncorrelated(const DrawnDoubles& one, const DrawnDoubles& other,
                         const std::string& what) {
  const double limit = kErrors / std::sqrt(static_cast<double>(one.size()));
  EXPECT_NEAR(correlation(one, other), 0.0, limit) << what;
}

class NoiseDistribution : public ::testing::Test {
 protected:
  Noise make(NoiseOptions options = {}, std::uint8_t key = 1) const {
    return Noise(release_, distribution_key(key), options);
  }

  // Noisy minus clean; the tiny release has scale 1.
  static DrawnDoubles noise_of(const Noise& noise, const Activation& activation) {
    const NoisyActivation noisy = noise(activation);
    DrawnDoubles difference(activation.tensor.values.size());
    for (std::size_t i = 0; i < difference.size(); ++i) {
      difference[i] = double{noisy.tensor().values[i]} - activation.tensor.values[i];
    }
    return difference;
  }

  static DrawnDoubles channel(const DrawnDoubles& values, std::size_t k) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(k * kCells);
    return {first, first + static_cast<std::ptrdiff_t>(kCells)};
  }

  double sigma(std::size_t row) const { return release_.noise().sigma[row][0]; }

  TemporaryFolder folder_;
  Release release_ = tiny_release(folder_, tiny_noise());
  Activation activation_ = drawn_activation(1);
};

TEST_F(NoiseDistribution, HasMeanZeroAndTheStatedVarianceInEveryChannel) {
  constexpr double kCount = kCells;
  for (std::size_t row = 0; row < 3; ++row) {
    const Noise noise = make({.alpha = release_.noise().alphas[row]});
    const DrawnDoubles difference = noise_of(noise, activation_);
    const double variance = sigma(row) * sigma(row);
    for (std::size_t k = 0; k < 3; ++k) {
      const DrawnDoubles z = channel(difference, k);
      EXPECT_NEAR(mean(z), 0.0, kErrors * sigma(row) / std::sqrt(kCount)) << row << " " << k;
      EXPECT_NEAR(moment(z, 2), variance, kErrors * variance * std::sqrt(2 / kCount)) << row;
    }
  }
}

TEST_F(NoiseDistribution, HasTheSkewAndKurtosisOfTheNormal) {
  const DrawnDoubles z = noise_of(make(), activation_);
  const double count = static_cast<double>(z.size());
  const double deviation = std::sqrt(moment(z, 2));
  EXPECT_NEAR(moment(z, 3) / std::pow(deviation, 3), 0.0, kErrors * std::sqrt(6 / count));
  EXPECT_NEAR(moment(z, 4) / std::pow(deviation, 4), 3.0, kErrors * std::sqrt(24 / count));
}

TEST_F(NoiseDistribution, DoesNotFollowTheActivationItIsDrawnFrom) {
  const DrawnDoubles clean(activation_.tensor.values.begin(), activation_.tensor.values.end());
  expect_uncorrelated(noise_of(make(), activation_), clean, "noise and clean activation");
}

TEST_F(NoiseDistribution, IsUncorrelatedBetweenChannelsAndCells) {
  const DrawnDoubles z = noise_of(make(), activation_);
  expect_uncorrelated(channel(z, 0), channel(z, 1), "channels 0 and 1");
  expect_uncorrelated(channel(z, 0), channel(z, 2), "channels 0 and 2");
  expect_uncorrelated(channel(z, 1), channel(z, 2), "channels 1 and 2");
  // Neighbours, rows, and the pairs, lanes and groups of the stream.
  for (const std::ptrdiff_t lag : {1, 2, 4, 8, 16, 127, 128, 129, 256, 512}) {
    expect_uncorrelated(DrawnDoubles(z.begin(), z.end() - lag),
                        DrawnDoubles(z.begin() + lag, z.end()), "lag " + std::to_string(lag));
  }
}

TEST_F(NoiseDistribution, IsAnotherForAnotherInputKeyAlphaOrRelease) {
  const DrawnDoubles z = noise_of(make(), activation_);
  expect_uncorrelated(z, noise_of(make(), drawn_activation(2)), "another picture");
  expect_uncorrelated(z, noise_of(make({}, 2), activation_), "another key");
  expect_uncorrelated(z, noise_of(make({.alpha = 0.95}), activation_), "another alpha");
  NoiseParameters other = tiny_noise();
  other.mean[0] += 1.0F;
  const Release release = tiny_release(folder_, other, "other.scrim");
  expect_uncorrelated(z, noise_of(Noise(release, distribution_key()), activation_),
                      "another release");
}

TEST_F(NoiseDistribution, OneValueOfDifferenceMakesAnotherDraw) {
  Activation near = activation_;
  near.tensor.values[777] += 0.1F;
  expect_uncorrelated(noise_of(make(), activation_), noise_of(make(), near), "near duplicate");
}

TEST_F(NoiseDistribution, SamplesOfABatchHaveTheirOwnNoise) {
  Activation batch = activation_;
  const Activation second = drawn_activation(2);
  batch.tensor.shape[0] = 2;
  batch.tensor.values.insert(batch.tensor.values.end(), second.tensor.values.begin(),
                             second.tensor.values.end());
  const DrawnDoubles z = noise_of(make(), batch);
  const auto middle = z.begin() + static_cast<std::ptrdiff_t>(3 * kCells);
  expect_uncorrelated(DrawnDoubles(z.begin(), middle), DrawnDoubles(middle, z.end()),
                      "samples of a batch");
}

// The mean of `count` releases of one activation, less that activation.
DrawnDoubles averaged(const Noise& noise, const Activation& activation, int count) {
  DrawnDoubles sum(activation.tensor.values.size());
  for (int i = 0; i < count; ++i) {
    const NoisyActivation noisy = noise(activation);
    for (std::size_t j = 0; j < sum.size(); ++j) {
      sum[j] += (double{noisy.tensor().values[j]} - activation.tensor.values[j]) / count;
    }
  }
  return sum;
}

TEST_F(NoiseDistribution, AveragingStickyReleasesGainsNothing) {
  const DrawnDoubles once = averaged(make(), activation_, 1);
  const DrawnDoubles often = averaged(make(), activation_, 16);
  for (std::size_t i = 0; i < once.size(); ++i) ASSERT_NEAR(often[i], once[i], 1e-12);
}

TEST_F(NoiseDistribution, AveragingFreshReleasesGainsWhatTheAccountantSays) {
  const double snr = 1 / (sigma(1) * sigma(1));
  for (const int repeats : {2, 4, 16}) {
    const DrawnDoubles error = averaged(make({.draw = Draw::kFresh}), activation_, repeats);
    const double variance = moment(error, 2);
    const double expected = sigma(1) * sigma(1) / repeats;
    const double relative = kErrors * std::sqrt(2 / static_cast<double>(error.size()));
    EXPECT_NEAR(variance, expected, expected * relative) << repeats;
    // d ln alpha = -(K/N) d ln(1 + SNR), at most K/N times the relative error of the SNR.
    const double attained = alpha_of(DrawnDoubles(3, 1 / variance), 4);
    EXPECT_NEAR(attained, alpha_after_repeats(DrawnDoubles(3, snr), 4, repeats), relative)
        << repeats;
  }
}

TEST_F(NoiseDistribution, ALinearAttackerLearnsTheBitsOfTheContract) {
  for (std::size_t row = 0; row < 3; ++row) {
    const double alpha = release_.noise().alphas[row];
    const NoisyActivation noisy = make({.alpha = alpha})(activation_);
    const DrawnDoubles clean(activation_.tensor.values.begin(), activation_.tensor.values.end());
    const DrawnDoubles seen(noisy.tensor().values.begin(), noisy.tensor().values.end());
    // Of a Gaussian signal, one cell and one direction at a time, the best estimate is linear: the
    // share that stays unexplained is 1/(1 + SNR) = alpha^(N/K).
    const double r = correlation(clean, seen);
    const double hidden = std::pow(alpha, 4.0 / 3.0);
    const double error = 2 * r * hidden / std::sqrt(static_cast<double>(clean.size()));
    EXPECT_NEAR(1 - r * r, hidden, kErrors * error) << alpha;
    const double bits = -3 * std::log2(1 - r * r) / 2;
    const double bits_error = 3 * kErrors * error / hidden / std::log(4.0);
    EXPECT_NEAR(bits, bits_per_cell(alpha, 4), bits_error) << alpha;
  }
}

}  // namespace
}  // namespace scrim
