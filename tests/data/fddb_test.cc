#include "data/layouts.h"

#include <gtest/gtest.h>

#include <cmath>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "write_text.h"

namespace scrim {
namespace {

const std::string kEllipses = "FDDB-folds/FDDB-fold-01-ellipseList.txt";
const std::string kNames = "FDDB-folds/FDDB-fold-01.txt";

class Fddb : public testing::Test {
 protected:
  // Reads a dataset of one fold with these ellipses.
  Layout read(const std::string& ellipses) {
    write_text(folder_ / kEllipses, ellipses);
    return read_fddb(folder_.path());
  }
  void expect_corrupt(const std::string& ellipses, const std::string& part) {
    expect_error(ErrorCode::kCorrupt, "FDDB-fold-01-ellipseList.txt:" + part,
                 [&] { read(ellipses); });
  }
  TemporaryFolder folder_;
};

// The rectangle touches the ellipse on all four sides: no sampled point lies outside, and the
// farthest sample comes within the sagitta of one step, a (1 - cos(step / 2)).
TEST(BoundingRectangle, IsTheTightRectangleOfTheSampledEllipse) {
  constexpr int kSteps = 20'000;
  for (const double a : {1.0, 37.5, 200.0}) {
    for (const double ratio : {0.05, 0.6, 1.0}) {
      for (double angle = -3.2; angle < 3.2; angle += 0.37) {
        const double b = a * ratio;
        double right = 0, bottom = 0;
        for (int i = 0; i < kSteps; ++i) {
          const double t = 2 * M_PI * i / kSteps;
          const double x = a * std::cos(t), y = b * std::sin(t);
          right = std::max(right, x * std::cos(angle) - y * std::sin(angle));
          bottom = std::max(bottom, x * std::sin(angle) + y * std::cos(angle));
        }
        const Box box = bounding_rectangle(a, b, angle, 100, 50);
        const double tolerance = a * (1 - std::cos(M_PI / kSteps)) + 400 * 0x1p-23;
        EXPECT_NEAR(box.x2, 100 + right, tolerance);
        EXPECT_NEAR(box.x1, 100 - right, tolerance);
        EXPECT_NEAR(box.y2, 50 + bottom, tolerance);
        EXPECT_NEAR(box.y1, 50 - bottom, tolerance);
      }
    }
  }
}

TEST_F(Fddb, ReadsNamesPathsFoldsAndRectangles) {
  write_text(folder_ / "FDDB-folds/FDDB-fold-02-ellipseList.txt", "c/img_3\r\n0\r\n");
  const Layout layout = read("2002/08/11/big/img_591\n1\n20 10 0 50.5 60 1\nb/img_2\n0\n");
  EXPECT_EQ(layout.folds, 2);
  ASSERT_EQ(layout.samples.size(), 3U);
  const Sample& first = layout.samples[0];
  EXPECT_EQ(first.name, "2002/08/11/big/img_591");
  EXPECT_EQ(first.path, folder_ / "originalPics/2002/08/11/big/img_591.jpg");
  ASSERT_EQ(first.faces.size(), 1U);
  EXPECT_EQ(first.faces[0].x1, 30.5F);
  EXPECT_EQ(first.faces[0].y1, 50.0F);
  EXPECT_EQ(first.faces[0].x2, 70.5F);
  EXPECT_EQ(first.faces[0].y2, 70.0F);
  EXPECT_EQ(layout.samples[1].fold, 1);
  EXPECT_TRUE(layout.samples[1].faces.empty());
  EXPECT_EQ(layout.samples[2].name, "c/img_3");
  EXPECT_EQ(layout.samples[2].fold, 2);
}

TEST_F(Fddb, MalformedEllipsesNameFileAndLine) {
  expect_corrupt("a\n1\n20 10 0 50 1\n",
                 "3: an ellipse (major minor angle x y 1) must be 6 numbers");
  expect_corrupt("a\n1\n20 10 0 50 60 1 7\n", "3: an ellipse");
  expect_corrupt("a\n1\n20 ten 0 50 60 1\n",
                 "3: an ellipse (major minor angle x y 1) must be numbers, got \"ten\"");
  expect_corrupt("a\n1\n20 nan 0 50 60 1\n", "3: an ellipse");
  expect_corrupt("a\n1\n20 10 inf 50 60 1\n", "3: an ellipse");
  expect_corrupt("a\n1\n20 10 0 50 60x 1\n", "3: an ellipse");
  expect_corrupt("a\n1\n-20 10 0 50 60 1\n", "3: an ellipse's semi-axes must be positive");
  expect_corrupt("a\n1\n20 0 0 50 60 1\n", "3: an ellipse's semi-axes must be positive");
  expect_corrupt("a\n1\n20 10 0 1e30 60 1\n", "3: an ellipse lies too far out");
  expect_corrupt("a\n1\n1e-9 1e-9 0 50 60 1\n", "3: an ellipse lies too far out or is too small");
}

TEST_F(Fddb, CountsThatDoNotMatchNameFileAndLine) {
  expect_corrupt("a\n2\n20 10 0 50 60 1\n", "3: the file ends where an ellipse");
  expect_corrupt("a\n2\n20 10 0 50 60 1\nb\n0\n", "4: an ellipse");
  expect_corrupt("a\n0\n20 10 0 50 60 1\nb\n0\n", "4: the number of faces must be a whole number");
  expect_corrupt("a\n-1\n", "2: the number of faces");
  expect_corrupt("a\n1.5\n", "2: the number of faces");
  expect_corrupt("a\n99999999999\n", "2: the number of faces");
  expect_corrupt("a\n", "1: the file ends where the number of faces");
}

TEST_F(Fddb, TheListOfPicturesMustAgreeWithTheEllipses) {
  write_text(folder_ / kNames, "a\nb\n");
  EXPECT_EQ(read("a\n0\nb\n0\n").samples.size(), 2U);
  const auto disagree = [&](const std::string& ellipses, const std::string& part) {
    expect_error(ErrorCode::kCorrupt, "FDDB-fold-01.txt:" + part, [&] { read(ellipses); });
  };
  disagree("a\n0\n", "2: \"b\" has no annotation");
  disagree("a\n0\nb\n0\nc\n0\n", "2: the list ends without \"c\"");
  write_text(folder_ / kNames, "a\nb\na\n");
  disagree("a\n0\nb\n0\n", "3: \"a\" has no annotation in this fold, or stands here twice");
}

TEST_F(Fddb, MissingFoldsAreNotFound) {
  expect_error(ErrorCode::kNotFound, "FDDB-fold-01-ellipseList.txt",
               [&] { read_fddb(folder_.path()); });
}

}  // namespace
}  // namespace scrim
