#include "data/drawn_face.h"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

cv::Mat drawn(std::uint64_t seed, float half_height) {
  cv::Mat canvas(240, 240, CV_8UC3, cv::Scalar::all(128));
  Random random(seed);
  draw_person(canvas, random, random_pose(random, {120, 100}, half_height));
  return canvas;
}

TEST(RandomPose, StaysWithinItsAnglesAndMostlyUpright) {
  Random random(8);
  int near_upright = 0;
  constexpr int kPoses = 2000;
  for (int i = 0; i < kPoses; ++i) {
    const FacePose pose = random_pose(random, {5, 6}, 40);
    EXPECT_EQ(pose.centre, cv::Point2f(5, 6));
    EXPECT_EQ(pose.half_height, 40);
    ASSERT_GT(pose.half_height, pose.half_width);
    ASSERT_LE(std::abs(pose.roll), 0.6F);
    ASSERT_LE(std::abs(pose.yaw), 1.2F);
    ASSERT_LE(std::abs(pose.pitch), 0.4F);
    near_upright += std::abs(pose.roll) < 0.44F;  // 25 degrees
  }
  EXPECT_GT(near_upright, kPoses * 9 / 10);
}

TEST(DrawPerson, TheSameSeedDrawsTheSameFaceAndAnotherSeedAnother) {
  EXPECT_EQ(cv::norm(drawn(1, 60), drawn(1, 60), cv::NORM_INF), 0);
  EXPECT_GT(cv::norm(drawn(1, 60), drawn(2, 60), cv::NORM_INF), 20);
}

TEST(DrawPerson, TheFaceIsFilledAtEverySize) {
  for (const float half_height : {4.0F, 15.0F, 80.0F}) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      const cv::Mat canvas = drawn(seed, half_height);
      cv::Mat changed;
      cv::absdiff(canvas, cv::Scalar::all(128), changed);
      const int reach = std::max(1, static_cast<int>(half_height / 2));
      const cv::Mat middle = changed({120 - reach, 100 - reach, 2 * reach, 2 * reach});
      EXPECT_GT(cv::mean(middle)[0] + cv::mean(middle)[1] + cv::mean(middle)[2], 5) << seed;
    }
  }
}

TEST(DrawPerson, AFaceAcrossTheEdgeIsCutOff) {
  Random random(3);
  cv::Mat canvas(50, 50, CV_8UC3, cv::Scalar::all(128));
  draw_person(canvas, random, random_pose(random, {0, 0}, 60));
  draw_person(canvas, random, random_pose(random, {-500, 900}, 60));
  EXPECT_GT(cv::norm(canvas, cv::Mat(50, 50, CV_8UC3, cv::Scalar::all(128)), cv::NORM_INF), 5);
}

}  // namespace
}  // namespace scrim
