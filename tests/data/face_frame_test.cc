#include "data/face_frame.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

FacePose upright() {
  FacePose pose;
  pose.centre = {100, 80};
  pose.half_height = 50;
  pose.half_width = 40;
  return pose;
}

void expect_point(cv::Point2f point, float x, float y) {
  EXPECT_NEAR(point.x, x, 1e-3);
  EXPECT_NEAR(point.y, y, 1e-3);
}

TEST(FaceFrame, AnUprightFaceFillsItsBox) {
  const FaceFrame frame(upright());
  expect_point(frame.on_surface(0, 0), 100, 80);
  expect_point(frame.on_surface(1, 0), 140, 80);
  expect_point(frame.on_outline(0, -1), 100, 30);
  expect_point(frame.on_outline(-1, 1), 60, 130);
  EXPECT_EQ(frame.size(), 50);
}

TEST(FaceFrame, RollTurnsOutlineAndSurfaceAlike) {
  FacePose pose = upright();
  pose.roll = static_cast<float>(M_PI / 2);
  const FaceFrame frame(pose);
  // A quarter turn clockwise in the picture takes the chin to the left.
  expect_point(frame.on_outline(0, 1), 50, 80);
  expect_point(frame.on_surface(0, 1), 50, 80);
  expect_point(frame.on_outline(1, 0), 100, 120);
}

TEST(FaceFrame, YawMovesTheMiddleAndKeepsTheSilhouette) {
  FacePose pose = upright();
  pose.yaw = 0.5F;
  const FaceFrame frame(pose);
  EXPECT_GT(frame.on_surface(0, 0).x, 105);
  expect_point(frame.on_outline(1, 0), 140, 80);
  // The far half of the face looks narrower than the near one.
  const float nose = frame.on_surface(0, 0).x;
  const float left = nose - frame.on_surface(-0.45F, 0).x;
  const float right = frame.on_surface(0.45F, 0).x - nose;
  EXPECT_GT(left, right);
}

TEST(FaceFrame, PitchMovesTheMiddleDown) {
  FacePose pose = upright();
  pose.pitch = 0.3F;
  EXPECT_GT(FaceFrame(pose).on_surface(0, 0).y, 85);
}

TEST(FaceFrame, AnArcGoesThroughItsThreePoints) {
  const FaceFrame frame(upright());
  const Points arc = frame.arc({-0.5F, 0.1F}, {0, 0.4F}, {0.5F, 0.1F});
  expect_point(arc.front(), 80, 85);
  expect_point(arc[arc.size() / 2], 100, 100);
  expect_point(arc.back(), 120, 85);
}

TEST(FaceFrame, ASpotLiesAroundItsCentre) {
  const FaceFrame frame(upright());
  for (const auto& p : frame.spot(0.2F, -0.4F, 0.1F, 0.05F)) {
    EXPECT_NEAR(p.x, 108, 4.01);
    EXPECT_NEAR(p.y, 60, 2.51);
  }
}

}  // namespace
}  // namespace scrim
