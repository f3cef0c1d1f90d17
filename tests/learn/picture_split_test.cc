#include "learn/picture_split.h"

#include <gtest/gtest.h>

#include <set>

namespace scrim {
namespace {

TEST(PictureSplit, PurposesDoNotOverlapAndValidationIsNotTrainedOn) {
  const PictureSplit split = split_pictures(200, 7);
  EXPECT_EQ(split.statistics.size(), 160U);
  EXPECT_EQ(split.margin.size(), 20U);
  EXPECT_EQ(split.held_out.size(), 20U);
  EXPECT_EQ(split.validation.size(), 10U);
  EXPECT_EQ(split.training.size(), 190U);
  std::set<std::size_t> all(split.statistics.begin(), split.statistics.end());
  all.insert(split.margin.begin(), split.margin.end());
  all.insert(split.held_out.begin(), split.held_out.end());
  EXPECT_EQ(all.size(), 200U);
  const std::set<std::size_t> trained(split.training.begin(), split.training.end());
  for (const std::size_t picture : split.validation) EXPECT_FALSE(trained.contains(picture));
}

TEST(PictureSplit, FewPicturesServeEveryPurpose) {
  const PictureSplit few = split_pictures(6, 7);
  EXPECT_EQ(few.training.size(), 6U);
  EXPECT_EQ(few.held_out.size(), 6U);
  EXPECT_TRUE(few.validation.empty());
  EXPECT_TRUE(split_pictures(19, 7).validation.empty());
  EXPECT_EQ(split_pictures(20, 7).validation.size(), 1U);
}

TEST(PictureSplit, DependsOnCountAndSeedAlone) {
  EXPECT_EQ(split_pictures(50, 7).training, split_pictures(50, 7).training);
  EXPECT_NE(split_pictures(50, 7).training, split_pictures(50, 8).training);
}

}  // namespace
}  // namespace scrim
