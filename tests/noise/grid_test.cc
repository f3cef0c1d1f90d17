#include "noise/grid.h"

#include "release/wire_layout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace scrim {
namespace {

using Floats = std::vector<float>;

// Normal draws with 2^24 levels between 0 and 1, as any float32 generator gives them; coarse enough
// that the gaps show in a test of a second.
Floats noisy(float clean, std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Floats values(count);
  for (float& value : values) value = clean + normal(generator);
  return values;
}

TEST(GridStep, IsAPowerOfTwoOfAboutAThousandthOfSigma) {
  for (const float sigma : {1e-6F, 0.1F, 0.999F, 1.0F, 1.5F, 2.0F, 4.36F, 1e6F}) {
    const float step = grid_step(sigma);
    int exponent = 0;
    EXPECT_EQ(std::frexp(step, &exponent), 0.5F) << sigma;
    EXPECT_LE(step, sigma / 1024) << sigma;
    EXPECT_GT(step, sigma / 2048) << sigma;
  }
  EXPECT_EQ(grid_step(0.0F), 0.0F);
}

TEST(RoundToGrid, MovesEachValueToTheNearestMultiple) {
  const Floats sigma = {0.7F, 3.0F};
  const Floats before = noisy(0.3F, 2000, 1);
  Floats after = before;
  round_to_grid(after, sigma);
  for (std::size_t i = 0; i < after.size(); ++i) {
    const float step = grid_step(sigma[i / 1000]);
    EXPECT_EQ(after[i] / step, std::nearbyint(after[i] / step)) << i;
    EXPECT_LE(std::abs(after[i] - before[i]), step / 2) << i;
  }
}

TEST(RoundToGrid, TwiceIsOnce) {
  Floats once = noisy(-2.0F, 999, 2);
  round_to_grid(once, Floats{1.0F});
  Floats twice = once;
  round_to_grid(twice, Floats{1.0F});
  EXPECT_EQ(once, twice);
}

TEST(RoundToGrid, KeepsMeanAndVarianceOfTheNoise) {
  constexpr std::size_t kDraws = 200'000;
  Floats values = noisy(0.0F, kDraws, 3);
  Floats rounded = values;
  round_to_grid(rounded, Floats{1.0F});
  double mean = 0;
  double variance = 0;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const double error = double{rounded[i]} - values[i];
    mean += error / kDraws;
    variance += error * error / kDraws;
  }
  // Rounding errors are uniform within a step of 2^-10: variance step^2/12, mean 0.
  const double step = 1.0 / 1024;
  EXPECT_NEAR(mean, 0.0, 5 * step / std::sqrt(12.0 * kDraws));
  EXPECT_NEAR(variance, step * step / 12, 0.02 * step * step / 12);
}

TEST(RoundToGrid, AChannelWithoutNoiseIsPlusZeroWhateverItHeld) {
  Floats values = {-0.0F, 0.0F, -5.0F, 5.0F};
  round_to_grid(values, Floats{0.0F, 0.0F});
  for (const float value : values) {
    EXPECT_EQ(value, 0.0F);
    EXPECT_FALSE(std::signbit(value));
  }
}

TEST(RoundToGrid, NeverWritesAMinusZero) {
  Floats values = {-1e-5F, -0.0F, 1e-5F};
  round_to_grid(values, Floats{1.0F});
  for (const float value : values) EXPECT_FALSE(std::signbit(value));
}

TEST(RoundToGrid, KeepsNumbersThatAreCoarserThanTheGrid) {
  const Floats before = {8192.5F, -1e9F, 3e38F, std::numeric_limits<float>::infinity()};
  Floats after = before;
  round_to_grid(after, Floats{1.0F});
  EXPECT_EQ(after, before);
}

TEST(RoundToGrid, SurvivesTheExtremesOfSigma) {
  for (const float sigma :
       {std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::min(), 3e38F}) {
    Floats values = {0.0F, 1.0F, -1.0F};
    round_to_grid(values, Floats{sigma});
    for (const float value : values) EXPECT_LE(std::abs(value), 1.0F) << sigma;
  }
}

// The share of what one clean value produces that another clean value produces as well.
double shared(const Floats& one, const Floats& other) {
  const std::set<float> reachable(other.begin(), other.end());
  const auto hits = std::ranges::count_if(one, [&](float v) { return reachable.contains(v); });
  return static_cast<double>(hits) / static_cast<double>(one.size());
}

TEST(RoundToGrid, TwoCleanValuesReachTheSameNumbers) {
  constexpr std::size_t kDraws = 400'000;
  Floats one = noisy(0.1F, kDraws, 4);
  Floats other = noisy(0.7F, kDraws, 5);
  EXPECT_LT(shared(one, other), 0.2) << "without the grid, most numbers come from one value alone";
  round_to_grid(one, Floats{1.0F});
  round_to_grid(other, Floats{1.0F});
  EXPECT_GT(shared(one, other), 0.98);
}

}  // namespace
}  // namespace scrim
