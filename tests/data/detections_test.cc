#include "data/detections.h"

#include <scrim/status.h>

#include "support/expect_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>

namespace scrim {
namespace {

constexpr float kUlp = std::numeric_limits<float>::epsilon();

// One network output for an input of `width` x `height`: every prior a non-face with loc 0.
struct Output {
  Output(int w, int h) : width(w), height(h), priors(priors_for(w, h)) {
    loc.assign(4 * priors.size(), 0.0F);
    for (std::size_t i = 0; i < priors.size(); ++i) conf.insert(conf.end(), {1.0F, 0.0F});
  }
  Output& score(std::size_t prior, float value) {
    conf[2 * prior] = 1 - value;
    conf[2 * prior + 1] = value;
    return *this;
  }
  std::vector<Detection> decode(double scale = 1, const DecodeOptions& options = {}) const {
    return decode_detections(loc, conf, width, height, scale, options);
  }
  int width, height;
  std::vector<Prior> priors;
  std::vector<float> loc, conf;
};

ErrorCode code_of(const Output& output, double scale = 1) {
  try {
    output.decode(scale);
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

TEST(Priors, CountsAreThoseOfTheNetwork) {
  EXPECT_EQ(priors_for(128, 128).size(), 341);
  EXPECT_EQ(priors_for(150, 100).size(), 428);
  EXPECT_EQ(priors_for(333, 517).size(), 3996);
  EXPECT_EQ(priors_for(517, 333).size(), 3996);
  EXPECT_EQ(priors_for(1024, 1024).size(), 21824);
}

TEST(Priors, DenseOffsetsStartAtTheCellsCornerXInner) {
  const auto priors = priors_for(320, 640);
  for (std::size_t i = 0; i < 16; ++i) {
    EXPECT_FLOAT_EQ(priors[i].cx * 320, 8.0F * static_cast<float>(i % 4)) << i;
    EXPECT_FLOAT_EQ(priors[i].cy * 640, 8.0F * static_cast<float>(i / 4)) << i;
    EXPECT_FLOAT_EQ(priors[i].w * 320, 32) << i;
    EXPECT_FLOAT_EQ(priors[i].h * 640, 32) << i;
  }
  EXPECT_FLOAT_EQ(priors[17].cx * 320, 16);
  EXPECT_FLOAT_EQ(priors[17].cy * 640, 0);
  EXPECT_FLOAT_EQ(priors[17].w * 320, 64);
  EXPECT_FLOAT_EQ(priors[20].cx * 320, 16);
  EXPECT_FLOAT_EQ(priors[20].cy * 640, 16);
  EXPECT_FLOAT_EQ(priors[20].w * 320, 128);
}

TEST(Priors, CellsAreRowMajorAndTheStepsFollowEachOther) {
  const auto priors = priors_for(320, 640);
  EXPECT_FLOAT_EQ(priors[21].cx * 320, 32);  // the second cell of the first row
  EXPECT_FLOAT_EQ(priors[21].cy * 640, 0);
  EXPECT_FLOAT_EQ(priors[210].cx * 320, 0);  // the first cell of the second row
  EXPECT_FLOAT_EQ(priors[210].cy * 640, 32);
  EXPECT_FLOAT_EQ(priors[4200].cx * 320, 32);  // 10 x 20 x 21 of step 32, then step 64
  EXPECT_FLOAT_EQ(priors[4200].w * 320, 256);
  EXPECT_FLOAT_EQ(priors[4250].cx * 320, 64);  // 5 x 10 of step 64, then step 128
  EXPECT_FLOAT_EQ(priors[4250].w * 320, 512);
}

TEST(Priors, RefuseAnEmptyInput) { EXPECT_THROW(priors_for(0, 10), Error); }

TEST(Iou, IsTheShareOfTheUnion) {
  EXPECT_FLOAT_EQ(iou({0, 0, 2, 2}, {1, 0, 3, 2}), 2.0F / 6.0F);
  EXPECT_FLOAT_EQ(iou({0, 0, 2, 2}, {0, 0, 2, 2}), 1);
  EXPECT_EQ(iou({0, 0, 2, 2}, {2, 0, 4, 2}), 0);  // they touch
  EXPECT_EQ(iou({0, 0, 2, 2}, {5, 5, 6, 6}), 0);
  EXPECT_EQ(iou({1, 1, 1, 1}, {1, 1, 1, 1}), 0);  // without area
}

TEST(Iou, PixelConventionAddsOneToEverySide) {
  // 3 x 3 and 3 x 3 pixels, 2 x 3 in common.
  EXPECT_FLOAT_EQ(iou({0, 0, 2, 2}, {1, 0, 3, 2}, 1), 6.0F / 12.0F);
}

TEST(Decode, ZeroOffsetsGiveThePriorInPixelsOfTheOriginal) {
  Output output(256, 128);
  output.score(41, 0.9F);  // the second cell's 128 px box, centred at (48, 16)
  const auto detections = output.decode(2);
  ASSERT_EQ(detections.size(), 1);
  EXPECT_FLOAT_EQ(detections[0].score, 0.9F);
  const double tolerance = 64 * 4 * kUlp;  // four roundings of values of at most 64 pixels
  EXPECT_NEAR(detections[0].box.x1, (48 - 64) / 2.0, tolerance);
  EXPECT_NEAR(detections[0].box.y1, (16 - 64) / 2.0, tolerance);
  EXPECT_NEAR(detections[0].box.x2, (48 + 64) / 2.0, tolerance);
  EXPECT_NEAR(detections[0].box.y2, (16 + 64) / 2.0, tolerance);
}

TEST(Decode, OffsetsMoveTheCentreAndScaleTheSize) {
  Output output(256, 128);
  output.score(41, 0.9F);
  const float loc[] = {0.5F, -0.25F, 1.0F, -2.0F};
  std::copy(std::begin(loc), std::end(loc), &output.loc[std::size_t{4} * 41]);
  const auto detections = output.decode();
  ASSERT_EQ(detections.size(), 1);
  const Box box = detections[0].box;
  const double tolerance = 256 * 8 * kUlp;  // eight roundings of values of at most 256 pixels
  EXPECT_NEAR((box.x1 + box.x2) / 2, 48 + 0.1 * 0.5 * 128, tolerance);
  EXPECT_NEAR((box.y1 + box.y2) / 2, 16 - 0.1 * 0.25 * 128, tolerance);
  EXPECT_NEAR(box.width(), 128 * std::exp(0.2), tolerance);
  EXPECT_NEAR(box.height(), 128 * std::exp(-0.4), tolerance);
}

TEST(Decode, ScoreAtTheThresholdIsDropped) {
  Output output(128, 128);
  DecodeOptions options;
  options.threshold = 0.25F;
  output.score(20, 0.25F);
  EXPECT_TRUE(output.decode(1, options).empty());
  output.score(20, std::nextafter(0.25F, 1.0F));
  EXPECT_EQ(output.decode(1, options).size(), 1);
}

TEST(Decode, BestScoreComesFirstAndTiesKeepTheOrderOfThePriors) {
  Output output(256, 256);
  output.score(0, 0.5F).score(10 * 21, 0.5F).score(5 * 21, 0.7F).score(63 * 21, 0.6F);
  const auto detections = output.decode();
  ASSERT_EQ(detections.size(), 4);
  EXPECT_FLOAT_EQ(detections[0].score, 0.7F);
  EXPECT_FLOAT_EQ(detections[1].score, 0.6F);
  EXPECT_LT(detections[2].box.y1, detections[3].box.y1);
}

TEST(Decode, SuppressesWhatABetterBoxCovers) {
  Output output(256, 256);
  // Two 32 px boxes 8 px apart: (33 * 25) / (2 * 33^2 - 33 * 25) = 0.61 in the pixel convention.
  output.score(5, 0.8F).score(6, 0.9F);
  const auto detections = output.decode();
  ASSERT_EQ(detections.size(), 1);
  EXPECT_FLOAT_EQ(detections[0].score, 0.9F);
  DecodeOptions lax;
  lax.nms_iou = 0.62F;
  EXPECT_EQ(output.decode(1, lax).size(), 2);
}

TEST(Decode, SuppressedBoxSuppressesNobody) {
  Output output(256, 256);
  // In a row at 0, 8, 16 px: neighbours overlap by 0.61, the outer two by 0.35.
  output.score(4, 0.9F).score(5, 0.8F).score(6, 0.7F);
  DecodeOptions options;
  options.nms_iou = 0.5F;
  const auto detections = output.decode(1, options);
  ASSERT_EQ(detections.size(), 2);
  EXPECT_FLOAT_EQ(detections[0].score, 0.9F);
  EXPECT_FLOAT_EQ(detections[1].score, 0.7F);
}

TEST(Decode, KeepsTheBestBeforeAndAfterSuppression) {
  Output output(256, 256);
  output.score(5, 0.8F).score(6, 0.9F).score(30 * 21, 0.7F).score(63 * 21, 0.6F);
  DecodeOptions before;
  before.keep_before_nms = 3;  // the third is kept, the fourth never seen
  ASSERT_EQ(output.decode(1, before).size(), 2);
  EXPECT_FLOAT_EQ(output.decode(1, before)[1].score, 0.7F);
  DecodeOptions after;
  after.keep_after_nms = 2;
  EXPECT_EQ(output.decode(1, after).size(), 2);
  EXPECT_EQ(output.decode().size(), 3);
}

TEST(Decode, RefusesValuesThatAreNotFinite) {
  Output bad_loc(128, 128);
  bad_loc.loc[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code_of(bad_loc), ErrorCode::kInvalidArgument);
  Output bad_conf(128, 128);
  bad_conf.conf[8] = std::numeric_limits<float>::infinity();
  EXPECT_EQ(code_of(bad_conf), ErrorCode::kInvalidArgument);
  Output overflow(128, 128);
  overflow.score(3, 0.9F).loc[14] = 1e6F;
  EXPECT_EQ(code_of(overflow), ErrorCode::kInvalidArgument);
}

TEST(Decode, RefusesOutputsOfAnotherSizeAndABadScale) {
  Output output(128, 128);
  EXPECT_EQ(code_of(output, 0), ErrorCode::kInvalidArgument);
  output.width = 129;  // one column of cells more
  EXPECT_EQ(code_of(output), ErrorCode::kInvalidArgument);
}

TEST(Decode, OutputsOfOnePictureDecodeAsTheirValuesDo) {
  Output output(256, 128);
  output.score(5, 0.8F).score(30, 0.9F);
  const auto priors = static_cast<std::int64_t>(output.conf.size() / 2);
  const std::vector<Tensor> outputs = {{{1, priors, 4}, output.loc}, {{1, priors, 2}, output.conf}};
  const auto found = decode_outputs(outputs, {1, 3, 128, 256}, 2, {});
  const auto expected = output.decode(2);
  ASSERT_EQ(found.size(), expected.size());
  EXPECT_EQ(found[0].box.x2, expected[0].box.x2);
  EXPECT_EQ(found[1].score, expected[1].score);
}

TEST(Decode, RefusesOutputsThatAreNoDetectorsAndSeveralPictures) {
  const std::vector<Tensor> one(1), two(2);
  expect_error(ErrorCode::kUnsupported, "two outputs", [&] {
    decode_outputs(one, {1, 3, 128, 128}, 1, {});
  });
  expect_error(ErrorCode::kInvalidArgument, "one picture at a time", [&] {
    decode_outputs(two, {2, 3, 128, 128}, 1, {});
  });
}

TEST(Decode, OutputWithoutFacesGivesNone) { EXPECT_TRUE(Output(64, 64).decode().empty()); }

}  // namespace
}  // namespace scrim
