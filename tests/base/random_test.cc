#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace scrim {
namespace {

TEST(Random, FollowsTheReferenceOfSplitMix64) {
  // The first values of the published C code for seed 1234567.
  Random random(1234567);
  EXPECT_EQ(random.bits(), 6457827717110365317U);
  EXPECT_EQ(random.bits(), 3203168211198807973U);
  EXPECT_EQ(random.bits(), 9817491932198370423U);
}

TEST(Random, SharesFillTheUnitIntervalEvenly) {
  constexpr int kDraws = 100'000;
  Random random(5);
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double share = random.share();
    ASSERT_GE(share, 0);
    ASSERT_LT(share, 1);
    sum += share;
  }
  // The standard deviation of one uniform draw is 1 / sqrt(12); five standard errors.
  EXPECT_NEAR(sum / kDraws, 0.5, 5 / std::sqrt(12.0 * kDraws));
}

TEST(Random, BelowAndPickReachEveryValueAndNoOther) {
  Random random(9);
  std::array<int, 4> seen{};
  for (int i = 0; i < 400; ++i) ++seen.at(static_cast<std::size_t>(random.below(4)));
  for (const int count : seen) EXPECT_GT(count, 0);
  for (int i = 0; i < 50; ++i) {
    const double value = random.pick({1.5, 2.5});
    EXPECT_TRUE(value == 1.5 || value == 2.5);
  }
}

TEST(Random, ChanceZeroNeverAndChanceOneAlways) {
  Random random(2);
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(random.chance(0));
    EXPECT_TRUE(random.chance(1));
  }
}

TEST(Random, StreamsOfOtherPurposesAndItemsDiffer) {
  EXPECT_EQ(Random(1, 2, 3).bits(), Random(1, 2, 3).bits());
  EXPECT_NE(Random(1, 2, 3).bits(), Random(1, 2, 4).bits());
  EXPECT_NE(Random(1, 2, 3).bits(), Random(1, 3, 3).bits());
  EXPECT_NE(Random(1, 2, 3).bits(), Random(2, 2, 3).bits());
}

TEST(Random, IndexStaysBelowTheCount) {
  Random random(8);
  std::array<int, 3> seen{};
  for (int i = 0; i < 100; ++i) ++seen.at(random.index(3));
  for (const int times : seen) EXPECT_GT(times, 0);  // none: (2/3)^100
}

}  // namespace
}  // namespace scrim
