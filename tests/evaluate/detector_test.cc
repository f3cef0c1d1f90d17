#include <scrim/evaluate.h>

#include "data/detections.h"
#include "support/expect_error.h"
#include "support/test_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace scrim {
namespace {

constexpr const char* kWeights = "faceboxes/FaceBoxesProd.safetensors";

Detector published_detector(double scale) {
  return Detector(Network::load(test_data(kWeights)), {.input = {.scale = scale}});
}

std::vector<Detection> detections_in(const Detector& detector, const std::string& picture) {
  return detector(read_image(test_data("dlib_faces/faces/" + picture)));
}

// The golden values have two decimals in pixels; the networks compared agree to 3e-6 in offsets
// that are multiplied by boxes of at most 512 pixels.
constexpr double kPixels = 0.005 + 512 * 3e-6 + 1e-4;
// Six digits, and 1e-7 between networks, prepared by other kernels.
constexpr double kScore = 5e-6;

void expect_detection(const Detection& detection, const Detection& expected) {
  EXPECT_NEAR(detection.box.x1, expected.box.x1, kPixels);
  EXPECT_NEAR(detection.box.y1, expected.box.y1, kPixels);
  EXPECT_NEAR(detection.box.x2, expected.box.x2, kPixels);
  EXPECT_NEAR(detection.box.y2, expected.box.y2, kPixels);
  EXPECT_NEAR(detection.score, expected.score, kScore);
}

TEST(DetectorOptions, NameTheFieldOutOfRange) {
  const auto expect_bad = [](const DetectorOptions& options, const std::string& part) {
    expect_error(ErrorCode::kInvalidArgument, part, [&] { options.validate(); });
  };
  expect_bad({.input = {.scale = 0}}, "scale must be positive, got 0");
  expect_bad({.input = {.scale = INFINITY}}, "scale");
  expect_bad({.threshold = -0.1F}, "threshold");
  expect_bad({.threshold = 1}, "threshold must be in [0, 1), got 1");
  expect_bad({.threshold = std::nanf("")}, "threshold");
  expect_bad({.keep_before_nms = 0}, "keep_before_nms");
  expect_bad({.nms_iou = 0}, "nms_iou");
  expect_bad({.nms_iou = 1.1F}, "nms_iou");
  expect_bad({.keep_after_nms = 0}, "keep_after_nms");
  EXPECT_NO_THROW(DetectorOptions{}.validate());
}

TEST(Detector, FindsThreeFacesWhereThePublishedNetworkDoes) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  SCRIM_NEEDS_TEST_DATA("dlib_faces/faces");
  const auto detections = detections_in(published_detector(1), "2008_001322.jpg");
  ASSERT_EQ(detections.size(), 3);
  expect_detection(detections[0], {{105.63F, 147.39F, 173.27F, 235.32F}, 0.99962F});
  expect_detection(detections[1], {{235.86F, 207.68F, 295.59F, 286.15F}, 0.998347F});
  expect_detection(detections[2], {{358.22F, 147.99F, 440.46F, 250.83F}, 0.986113F});
}

TEST(Detector, FindsEightCandidatesWhereThePublishedNetworkDoes) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  SCRIM_NEEDS_TEST_DATA("dlib_faces/faces");
  const auto detections = detections_in(published_detector(1), "2007_007763.jpg");
  ASSERT_EQ(detections.size(), 8);
  expect_detection(detections[0], {{303.39F, 77.16F, 337.33F, 122.97F}, 0.993777F});
  EXPECT_GT(detections[6].score, 0.5F);
  EXPECT_NEAR(detections[7].score, 0.0559, 0.5e-4 + kScore);
}

TEST(Detector, BoxesAreInPixelsOfThePictureAtAnyScale) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  SCRIM_NEEDS_TEST_DATA("dlib_faces/faces");
  const auto plain = detections_in(published_detector(1), "2008_001322.jpg");
  const auto enlarged = detections_in(published_detector(2), "2008_001322.jpg");
  ASSERT_EQ(plain.size(), 3);
  // The network sees each face at twice the size and frames it a little differently.
  for (const Detection& face : plain) {
    const bool found = std::any_of(enlarged.begin(), enlarged.end(), [&](const Detection& other) {
      return iou(face.box, other.box) > 0.7F && other.score > 0.5F;
    });
    EXPECT_TRUE(found) << "the face at " << face.box.x1 << ", " << face.box.y1;
  }
}

TEST(Detector, RefusesAPictureThatGrowsTooLarge) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  const Detector detector = published_detector(200);
  Image wide{.width = 100, .height = 1, .pixels = std::vector<std::uint8_t>(300)};
  expect_error(ErrorCode::kInvalidArgument, "16384", [&] { detector(wide); });
}

TEST(Detector, CleanOneHasNoAlpha) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  const Detector detector = published_detector(1);
  EXPECT_FALSE(detector.is_noisy());
  EXPECT_EQ(detector.alpha(), 0);
}

}  // namespace
}  // namespace scrim
