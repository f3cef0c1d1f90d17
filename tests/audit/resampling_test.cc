#include "audit/resampling.h"

#include <scrim/status.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace scrim {
namespace {

constexpr double kNoValue = std::numeric_limits<double>::quiet_NaN();

std::vector<double> alternating(std::size_t count) {
  std::vector<double> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<double>(i % 2);
  return values;
}

// The mean of 400 values of deviation 1/2 has a standard error of 1/40; the 2.5 % point of 4000
// draws has one of sqrt(.025 * .975 / 4000) / density = .042 of that error.
TEST(Resampling, IntervalOfAMeanIsThatOfTheNormalLimit) {
  const Measured e = mean_estimate(alternating(400), {.draws = 4000});
  const double half = 1.96 / 40, tolerance = 5 * 0.042 / 40;
  EXPECT_DOUBLE_EQ(e.value, 0.5);
  EXPECT_NEAR(e.low, 0.5 - half, tolerance);
  EXPECT_NEAR(e.high, 0.5 + half, tolerance);
}

// Twenty persons with twenty equal values each are twenty values, not 400: the standard error is
// 1/2 / sqrt(20), 4.5 times that of single pictures. With twenty units the quantiles lie on steps
// of 1/20, hence the tolerance.
TEST(Resampling, PicturesOfOnePersonAreDrawnTogether) {
  std::vector<double> values;
  std::vector<int> person;
  for (int p = 0; p < 20; ++p) {
    for (int i = 0; i < 20; ++i) {
      values.push_back(p % 2);
      person.push_back(100 - 3 * p);
    }
  }
  const auto mean = [&](std::span<const double> weights) {
    return std::inner_product(values.begin(), values.end(), weights.begin(), 0.0) /
           std::accumulate(weights.begin(), weights.end(), 0.0);
  };
  const Measured e = estimate_by_group(person, mean, {.draws = 2000});
  EXPECT_DOUBLE_EQ(e.value, 0.5);
  const double half = 1.96 * 0.5 / std::sqrt(20.0);
  EXPECT_NEAR(e.low, 0.5 - half, 0.051);
  EXPECT_NEAR(e.high, 0.5 + half, 0.051);
}

TEST(Resampling, TheSeedDecidesTheInterval) {
  const std::vector<double> values = {0.1, 0.9, 0.35, 0.6, 0.7, 0.2};
  const Measured one = mean_estimate(values, {.draws = 50, .seed = 7});
  const Measured same = mean_estimate(values, {.draws = 50, .seed = 7});
  const Measured other = mean_estimate(values, {.draws = 50, .seed = 8});
  EXPECT_EQ(one.low, same.low);
  EXPECT_EQ(one.high, same.high);
  EXPECT_TRUE(one.low != other.low || one.high != other.high);
}

// 3 of 4 and 1 of 12 are 4 of 16, not the mean of the two ratios.
TEST(Resampling, RatiosArePooled) {
  const std::vector<double> over = {3, 1}, under = {4, 12}, none = {0, 0};
  const Measured e = ratio_estimate(over, under);
  EXPECT_DOUBLE_EQ(e.value, 0.25);
  EXPECT_DOUBLE_EQ(e.low, 1.0 / 12);
  EXPECT_DOUBLE_EQ(e.high, 0.75);
  EXPECT_TRUE(std::isnan(ratio_estimate(over, none).value));
  EXPECT_THROW(ratio_estimate(over, std::vector<double>{1}), Error);
}

TEST(Resampling, EqualValuesHaveNoWidth) {
  const Measured e = mean_estimate(std::vector<double>(9, 0.25));
  EXPECT_EQ(e.low, 0.25);
  EXPECT_EQ(e.high, 0.25);
}

TEST(Resampling, LeavesOutWhatSaysNothing) {
  const Measured e = mean_estimate(std::vector<double>{1, kNoValue, 3});
  EXPECT_DOUBLE_EQ(e.value, 2);
  EXPECT_DOUBLE_EQ(e.low, 1);
  EXPECT_DOUBLE_EQ(e.high, 3);
  EXPECT_TRUE(std::isnan(mean_estimate(std::vector<double>{kNoValue}).low));
}

TEST(Resampling, RefusesNoUnitsAndNoDraws) {
  EXPECT_THROW(mean_estimate({}), Error);
  EXPECT_THROW(mean_estimate(std::vector<double>{1}, {.draws = 0}), Error);
}

TEST(Quantile, InterpolatesBetweenOrderStatistics) {
  EXPECT_DOUBLE_EQ(quantile({3, 1, 2}, 0.5), 2);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({0, 10}, 0.999), 9.99);
  EXPECT_DOUBLE_EQ(quantile({5}, 1), 5);
  EXPECT_TRUE(std::isnan(quantile({}, 0.5)));
  EXPECT_THROW(quantile({1}, 1.5), Error);
}

}  // namespace
}  // namespace scrim
