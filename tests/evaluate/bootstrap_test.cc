#include "evaluate/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace scrim {
namespace {

// Pictures of one face each, found with probability `share` and never a false positive: their
// average precision is the share of them that were found, so its distribution is binomial.
std::vector<PictureCount> coins(int count, double share, unsigned seed, int folds = 1) {
  std::mt19937 random(seed);
  std::bernoulli_distribution found(share);
  std::vector<PictureCount> pictures;
  for (int i = 0; i < count; ++i) {
    PictureCount picture{.fold = i % folds + 1, .faces = 1, .detections = {}};
    if (found(random)) picture.detections.push_back({0.9F, true});
    pictures.push_back(picture);
  }
  return pictures;
}

Interval interval_of(const std::vector<PictureCount>& pictures, const BootstrapOptions& options,
                     int folds = 1) {
  return bootstrap_interval(rankings_by_fold(pictures, folds), pictures.size(), options);
}

TEST(Bootstrap, MatchesTheBinomialInterval) {
  constexpr int kPictures = 400, kResamplings = 4000;
  const auto pictures = coins(kPictures, 0.8, 11);
  double found = 0;
  for (const auto& picture : pictures) found += static_cast<double>(picture.detections.size());
  const double share = found / kPictures;
  const double deviation = std::sqrt(share * (1 - share) / kPictures);
  const Interval interval = interval_of(pictures, {.resamplings = kResamplings});
  // The standard error of a 2.5 % quantile is sqrt(.025 * .975 / n) / 0.0584 deviations; five of
  // them, and one step of the binomial.
  const double tolerance =
      5 * std::sqrt(0.025 * 0.975 / kResamplings) / 0.0584 * deviation + 1.0 / kPictures;
  EXPECT_NEAR(interval.low, share - 1.96 * deviation, tolerance);
  EXPECT_NEAR(interval.high, share + 1.96 * deviation, tolerance);
}

TEST(Bootstrap, CoversTheTruthAboutNineteenTimesInTwenty) {
  constexpr int kRuns = 300;
  int covered = 0;
  for (unsigned run = 0; run < kRuns; ++run) {
    const auto pictures = coins(200, 0.7, 1000 + run, 5);
    const Interval interval = interval_of(pictures, {.resamplings = 300, .seed = run}, 5);
    covered += interval.low <= 0.7 && 0.7 <= interval.high;
  }
  const double five_standard_errors = 5 * std::sqrt(0.95 * 0.05 / kRuns);
  EXPECT_NEAR(covered / static_cast<double>(kRuns), 0.95, five_standard_errors);
}

TEST(Bootstrap, SameSeedGivesTheSameIntervalAndAnotherSeedAnother) {
  const auto pictures = coins(100, 0.6, 5);
  const Interval first = interval_of(pictures, {.resamplings = 50, .seed = 7});
  const Interval again = interval_of(pictures, {.resamplings = 50, .seed = 7});
  const Interval other = interval_of(pictures, {.resamplings = 50, .seed = 8});
  EXPECT_EQ(first.low, again.low);
  EXPECT_EQ(first.high, again.high);
  EXPECT_TRUE(first.low != other.low || first.high != other.high);
}

TEST(Bootstrap, RunWithoutVariationHasAnIntervalWithoutWidth) {
  const Interval interval = interval_of(coins(30, 1.0, 1), {.resamplings = 20});
  EXPECT_EQ(interval.low, 1);
  EXPECT_EQ(interval.high, 1);
}

TEST(Bootstrap, DetectionsOfOnePictureStayTogether) {
  // Four pictures of 25 faces vary as four coins, not as a hundred.
  std::vector<PictureCount> pictures(4);
  for (std::size_t i = 0; i < 4; ++i) {
    pictures[i].faces = 25;
    if (i % 2 == 0) pictures[i].detections.assign(25, {0.9F, true});
  }
  const Interval interval = interval_of(pictures, {.resamplings = 1000});
  EXPECT_EQ(interval.low, 0);  // P(no picture of the good two) = 1/16 > 2.5 %
  EXPECT_EQ(interval.high, 1);
}

TEST(Bootstrap, EmptyRunGivesNoWidth) {
  const Interval interval = interval_of({}, {.resamplings = 10});
  EXPECT_EQ(interval.low, 0);
  EXPECT_EQ(interval.high, 0);
}

}  // namespace
}  // namespace scrim
