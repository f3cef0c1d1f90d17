#include <scrim/dataset.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "support/expect_error.h"

namespace scrim {
namespace {

Image black(int width, int height) {
  return {width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3))};
}

bool is_black(const Image& image, int x, int y) {
  const auto at = static_cast<std::size_t>((y * image.width + x) * 3);
  return image.pixels[at] == 0 && image.pixels[at + 1] == 0 && image.pixels[at + 2] == 0;
}

TEST(DrawDetections, FramesTheBoxAndLeavesTheInside) {
  const Image image = black(200, 150);
  const Image drawn =
      draw_detections(image, std::vector<Detection>{{{50, 60, 120, 130}, 0.9F}}, 0.5F);
  ASSERT_EQ(drawn.pixels.size(), image.pixels.size());
  EXPECT_FALSE(is_black(drawn, 50, 100));
  EXPECT_FALSE(is_black(drawn, 119, 100));
  EXPECT_FALSE(is_black(drawn, 90, 129));
  EXPECT_TRUE(is_black(drawn, 90, 100));
  EXPECT_TRUE(is_black(drawn, 10, 100));
  // The score stands above the box.
  EXPECT_FALSE(is_black(drawn, 51, 57));
}

TEST(DrawDetections, KeepsToTheThreshold) {
  const Image image = black(60, 60);
  const std::vector<Detection> faint = {{{10, 20, 30, 40}, 0.49F},
                                        {{10, 20, 30, 40}, std::nanf("")}};
  EXPECT_EQ(draw_detections(image, faint, 0.5F).pixels, image.pixels);
  const std::vector<Detection> at_threshold = {{{10, 20, 30, 40}, 0.5F}};
  EXPECT_NE(draw_detections(image, at_threshold, 0.5F).pixels, image.pixels);
}

TEST(DrawDetections, SurvivesBoxesOutsideThePicture) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<Detection> wild = {{{-1e9F, -1e9F, 1e9F, 1e9F}, 1},
                                       {{-40, -40, -20, -20}, 1},
                                       {{-infinity, 5, infinity, 9}, 1},
                                       {{500, 500, 600, 600}, 1}};
  const Image drawn = draw_detections(black(40, 30), wild, 0.5F);
  EXPECT_EQ(drawn.width, 40);
  EXPECT_EQ(drawn.pixels.size(), 40U * 30U * 3U);
}

TEST(DrawDetections, RefusesABrokenPicture) {
  expect_error(ErrorCode::kInvalidArgument, "sides", [] { draw_detections({}, {}, 0.5F); });
}

}  // namespace
}  // namespace scrim
