#include "audit/alignment.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

struct Point {
  double x, y;
};

Point moved(const Similarity& s, Point p) {
  return {s.a * p.x - s.b * p.y + s.x, s.b * p.x + s.a * p.y + s.y};
}

// In a box of a face's usual shape the template's points are nearly a similarity of the mean
// landmarks: what is left over is below 3 % of its height.
TEST(Alignment, BringsTheTemplatesEyesAndMouthOntoTheMeanLandmarks) {
  const Box box{100, 50, 250, 260};
  const Similarity s = template_to_picture(box);
  const Point eye = moved(s, {30.29, 51.70}), mouth = moved(s, {62.73, 92.20});
  EXPECT_NEAR(eye.x, 100 + .2588 * 150, 6);
  EXPECT_NEAR(eye.y, 50 + .3774 * 210, 6);
  EXPECT_NEAR(mouth.x, 100 + .6823 * 150, 6);
  EXPECT_NEAR(mouth.y, 50 + .7391 * 210, 6);
}

TEST(Alignment, MovesAndGrowsWithTheBox) {
  const Similarity one = template_to_picture({0, 0, 10, 12});
  const Similarity other = template_to_picture({7, 5, 27, 29});  // twice as large, shifted
  EXPECT_NEAR(other.a, 2 * one.a, 1e-5);
  EXPECT_NEAR(other.b, 2 * one.b, 1e-5);
  EXPECT_NEAR(other.x, 2 * one.x + 7, 1e-4);
  EXPECT_NEAR(other.y, 2 * one.y + 5, 1e-4);
}

TEST(Alignment, RefusesAnEmptyBox) {
  expect_error(ErrorCode::kInvalidArgument, "empty", [] { template_to_picture({5, 5, 5, 9}); });
}

}  // namespace
}  // namespace scrim
