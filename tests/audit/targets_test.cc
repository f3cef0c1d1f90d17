#include "audit/targets.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

Image even(int width, int height, std::uint8_t level) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), level)};
}

TEST(Targets, AverageOverAreasAndContinueTheEdge) {
  Image picture = even(20, 32, 10);
  picture.pixels[0] = 26;  // one blue value of the 16 that a target's pixel averages
  const cv::Mat target = target_of(picture, {1, 1, 32, 8});
  ASSERT_EQ(target.rows, 8);
  ASSERT_EQ(target.cols, 8);
  EXPECT_FLOAT_EQ(target.at<cv::Vec3f>(0, 0)[0], 11);
  EXPECT_FLOAT_EQ(target.at<cv::Vec3f>(7, 7)[2], 10);  // beyond the picture's 20 columns
}

TEST(Targets, RefuseAPictureOfOtherCells) {
  expect_error(ErrorCode::kInvalidArgument, "2x1", [] {
    target_of(even(65, 32, 0), {1, 2, 32, 8});
  });
  expect_error(ErrorCode::kInvalidArgument, "2x1", [] {
    target_of(even(32, 32, 0), {1, 2, 32, 8});
  });
}

}  // namespace
}  // namespace scrim
