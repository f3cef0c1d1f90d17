#include "data/background.h"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

namespace scrim {
namespace {

const cv::Scalar kMagenta(255, 0, 255);

TEST(Background, CoversTheWholeCanvasInEveryKindOfPlace) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    cv::Mat canvas(60, 80, CV_8UC3, kMagenta);
    draw_background(canvas, random);
    cv::Mat left;
    cv::inRange(canvas, kMagenta, kMagenta, left);
    EXPECT_EQ(cv::countNonZero(left), 0) << seed;
  }
}

TEST(Background, PlacesDiffer) {
  cv::Mat first(60, 80, CV_8UC3), second(60, 80, CV_8UC3);
  Random one(1), two(2);
  draw_background(first, one);
  draw_background(second, two);
  EXPECT_GT(cv::norm(first, second, cv::NORM_INF), 10);
}

TEST(Thing, ChangesAPartOfTheCanvas) {
  int changed_pictures = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    cv::Mat canvas(120, 160, CV_8UC3, kMagenta);
    draw_thing(canvas, random);
    cv::Mat left;
    cv::inRange(canvas, kMagenta, kMagenta, left);
    changed_pictures += cv::countNonZero(left) < 120 * 160;
    EXPECT_GT(cv::countNonZero(left), 120 * 160 / 3) << seed;
  }
  EXPECT_EQ(changed_pictures, 60);
}

TEST(AnyColour, IsAColour) {
  Random random(1);
  for (int i = 0; i < 1000; ++i) {
    const Colour colour = any_colour(random);
    for (int c = 0; c < 3; ++c) {
      ASSERT_GE(colour[c], 0);
      ASSERT_LE(colour[c], 255);
    }
  }
}

}  // namespace
}  // namespace scrim
