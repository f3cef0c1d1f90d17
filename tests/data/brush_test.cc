#include "data/brush.h"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include <cmath>

namespace scrim {
namespace {

const Points kSquare = {{10, 10}, {30, 10}, {30, 30}, {10, 30}};

cv::Mat grey_canvas(int value = 100) { return cv::Mat(40, 40, CV_8UC3, cv::Scalar::all(value)); }

int pixel_at(const cv::Mat& canvas, int x, int y) { return canvas.at<cv::Vec3b>(y, x)[0]; }

bool same(const cv::Mat& a, const cv::Mat& b) { return cv::norm(a, b, cv::NORM_INF) == 0; }

TEST(Fill, CoversTheInsideAndLeavesTheOutside) {
  cv::Mat canvas = grey_canvas();
  fill(canvas, kSquare, {{200, 150, 50}});
  EXPECT_EQ(canvas.at<cv::Vec3b>(20, 20), cv::Vec3b(200, 150, 50));
  EXPECT_EQ(pixel_at(canvas, 5, 20), 100);
  EXPECT_EQ(pixel_at(canvas, 35, 20), 100);
}

TEST(Fill, OpacityMixesWithWhatIsThere) {
  cv::Mat canvas = grey_canvas();
  fill(canvas, kSquare, {Colour::all(200), 0.25F});
  EXPECT_EQ(pixel_at(canvas, 20, 20), 125);
}

TEST(Fill, SoftnessSpreadsTheEdgeEvenlyToBothSides) {
  cv::Mat canvas = grey_canvas(0);
  fill(canvas, {{20, -100}, {200, -100}, {200, 200}, {20, 200}}, {Colour::all(200), 1, 3});
  // Deep inside full, far outside nothing, at the edge about a half: one pixel's step of a normal
  // edge of deviation 3 is at most 200 / (3 sqrt(2 pi)) = 27.
  EXPECT_EQ(pixel_at(canvas, 38, 20), 200);
  EXPECT_EQ(pixel_at(canvas, 3, 20), 0);
  EXPECT_NEAR(pixel_at(canvas, 20, 20), 100, 27);
  for (int x = 1; x < 40; ++x) EXPECT_GE(pixel_at(canvas, x, 20), pixel_at(canvas, x - 1, 20));
}

TEST(Brush, ShapesOutsideTheCanvasChangeNothing) {
  const cv::Mat before = grey_canvas();
  cv::Mat canvas = before.clone();
  Random random(1);
  for (const Points& away : {Points{{-90, -90}, {-50, -90}, {-50, -50}}, Points{},
                             Points{{1e9F, 5}, {1e9F, 9}, {2e9F, 9}}}) {
    fill(canvas, away, {Colour::all(0)});
    stroke(canvas, away, 2, {Colour::all(0)});
    round_off(canvas, away, 4, 0.5F);
    light(canvas, away, {1, 0}, 0, 2);
    roughen(canvas, away, random, {4, 4}, 0.5F);
  }
  EXPECT_TRUE(same(canvas, before));
}

TEST(Stroke, FadesBelowOnePixelInsteadOfVanishing) {
  cv::Mat thick = grey_canvas(0), thin = grey_canvas(0);
  stroke(thick, {{5, 20}, {35, 20}}, 1, {Colour::all(200)});
  stroke(thin, {{5, 20}, {35, 20}}, 0.5F, {Colour::all(200)});
  EXPECT_GT(pixel_at(thin, 20, 20), 0);
  EXPECT_NEAR(pixel_at(thin, 20, 20), pixel_at(thick, 20, 20) / 2.0, 1);
}

TEST(RoundOff, DarkensTheRimMoreThanTheMiddle) {
  cv::Mat canvas = grey_canvas();
  round_off(canvas, kSquare, 3, 0.5F);
  EXPECT_EQ(pixel_at(canvas, 20, 20), 100);
  EXPECT_LT(pixel_at(canvas, 11, 20), 75);
  EXPECT_GE(pixel_at(canvas, 11, 20), 50);
  EXPECT_EQ(pixel_at(canvas, 5, 20), 100);
}

TEST(Light, RunsAlongItsDirection) {
  cv::Mat canvas = grey_canvas();
  light(canvas, {{-1, -1}, {41, -1}, {41, 41}, {-1, 41}}, {1, 0}, 0.5F, 1.5F);
  for (int x = 1; x < 40; ++x) EXPECT_GE(pixel_at(canvas, x, 20), pixel_at(canvas, x - 1, 20));
  EXPECT_NEAR(pixel_at(canvas, 0, 20), 50, 4);
  EXPECT_NEAR(pixel_at(canvas, 20, 20), 100, 3);
  EXPECT_NEAR(pixel_at(canvas, 39, 20), 150, 4);
}

TEST(Roughen, VariesAroundTheColour) {
  cv::Mat canvas = grey_canvas();
  Random random(3);
  roughen(canvas, kSquare, random, {3, 3}, 0.2F);
  const cv::Mat inside = canvas({12, 12, 16, 16});
  cv::Scalar mean, deviation;
  cv::meanStdDev(inside, mean, deviation);
  EXPECT_GT(deviation[0], 1);
  EXPECT_NEAR(mean[0], 100, 20);
  EXPECT_EQ(pixel_at(canvas, 5, 5), 100);
}

TEST(Ellipse, EveryCornerLiesOnIt) {
  const float angle = 0.7F;
  for (const auto& p : ellipse({5, -3}, 4, 2, angle)) {
    const float dx = p.x - 5, dy = p.y + 3;
    const float x = (dx * std::cos(angle) + dy * std::sin(angle)) / 4;
    const float y = (-dx * std::sin(angle) + dy * std::cos(angle)) / 2;
    EXPECT_NEAR(x * x + y * y, 1, 1e-5);
  }
}

TEST(Colours, StayInRange) {
  EXPECT_EQ(shaded({200, 100, 10}, 2), Colour(255, 200, 20));
  EXPECT_EQ(shaded({-5, 0, 0}, 1), Colour(0, 0, 0));
  EXPECT_EQ(mixed({0, 0, 0}, {100, 50, 10}, 0.5F), Colour(50, 25, 5));
}

}  // namespace
}  // namespace scrim
