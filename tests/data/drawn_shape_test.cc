#include "data/drawn_shape.h"

#include "data/mat.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace scrim {
namespace {

constexpr int kShapes = static_cast<int>(kShapeNames.size());

// The share of the square about the unit circle that the outline covers.
double covered(Shape2d shape) {
  cv::Mat canvas(200, 200, CV_8UC3, cv::Scalar::all(0));
  Points outline = shape_outline(shape);
  for (cv::Point2f& p : outline) p = cv::Point2f(100, 100) + 100 * p;
  fill(canvas, outline, {Colour::all(255)});
  return cv::mean(canvas)[0] / 255;
}

TEST(DrawnShape, OutlinesReachTheUnitCircleAndNotBeyond) {
  for (int i = 0; i < kShapes; ++i) {
    double farthest = 0;
    for (const cv::Point2f& p : shape_outline(static_cast<Shape2d>(i))) {
      farthest = std::max(farthest, std::hypot<double>(p.x, p.y));
    }
    EXPECT_NEAR(farthest, 1, 0.03) << kShapeNames.at(static_cast<std::size_t>(i));
  }
}

TEST(DrawnShape, AreasAreThoseOfTheFigures) {
  // One row of pixels along an outline of length 7 in a square of side 2.
  constexpr double kAreaTolerance = 7.0 * 100 / (200 * 200);
  EXPECT_NEAR(covered(Shape2d::kDisc), CV_PI / 4, kAreaTolerance);
  EXPECT_NEAR(covered(Shape2d::kRing), CV_PI / 4 * (1 - 0.58 * 0.58), 2 * kAreaTolerance);
  EXPECT_NEAR(covered(Shape2d::kSquare), 0.5, kAreaTolerance);
  EXPECT_NEAR(covered(Shape2d::kTriangle), 3 * std::sqrt(3.0) / 16, kAreaTolerance);
  EXPECT_NEAR(covered(Shape2d::kCross), (4 * 0.96 * 0.56 - 0.56 * 0.56) / 4, 2 * kAreaTolerance);
  // Tips at (+-.792, -.61): a disc less the lens of circles of radius 1 and .8, centres .5 apart.
  const double lens = std::acos(0.61) + 0.64 * std::acos(-0.11 / 0.8) - 0.5 * 0.792;
  EXPECT_NEAR(covered(Shape2d::kCrescent), (CV_PI - lens) / 4, 2 * kAreaTolerance);
}

TEST(DrawnShape, PicturesHaveTheSizeAskedForAndDiffer) {
  std::set<std::string> pictures;
  for (int i = 0; i < 4 * kShapes; ++i) {
    Random random(static_cast<std::uint64_t>(i));
    const Image picture = draw_shape_picture(random, static_cast<Shape2d>(i % kShapes), 80, 64);
    EXPECT_EQ(picture.width, 80);
    EXPECT_EQ(picture.height, 64);
    pictures.emplace(picture.pixels.begin(), picture.pixels.end());
  }
  EXPECT_EQ(pictures.size(), 4U * kShapes);
}

TEST(DrawnShape, OneSeedDrawsOneBackgroundWhateverTheShape) {
  Random one(7), other(7);
  const Image disc = draw_shape_picture(one, Shape2d::kDisc, 64, 64);
  const Image star = draw_shape_picture(other, Shape2d::kStar, 64, 64);
  EXPECT_NE(disc.pixels, star.pixels);
  int equal = 0;
  for (std::size_t i = 0; i < disc.pixels.size(); ++i) equal += disc.pixels[i] == star.pixels[i];
  // The shapes cover at most a half of the picture.
  EXPECT_GT(equal, static_cast<int>(disc.pixels.size()) / 3);
}

}  // namespace
}  // namespace scrim
