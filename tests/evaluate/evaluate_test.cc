#include <scrim/evaluate.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "support/test_data.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace scrim {
namespace {

constexpr const char* kWeights = "faceboxes/FaceBoxesProd.safetensors";

// A dozen drawn pictures in FDDB's layout, which a test may spoil, and the published detector.
class Evaluate : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(test_data(kWeights))) return;
    detector_.emplace(Network::load(test_data(kWeights)), DetectorOptions{.input = {.scale = 2}});
  }
  static void TearDownTestSuite() { detector_.reset(); }
  void SetUp() override {
    SCRIM_NEEDS_TEST_DATA(kWeights);
    generate_faces(folder_ / "drawn", {.pictures = 12, .width = 160, .height = 120});
    dataset_ = Dataset::open(folder_ / "drawn");
  }
  const Sample& sample(std::size_t place) const { return dataset_->samples().at(place); }

  TemporaryFolder folder_;
  std::optional<Dataset> dataset_;
  static inline std::optional<Detector> detector_;
};

TEST_F(Evaluate, EqualsDetectingAndScoringOneByOne) {
  DetectionsByName detections;
  for (const Sample& sample : dataset_->samples()) {
    detections[sample.name] = (*detector_)(read_image(sample.path));
  }
  const Evaluation one_by_one = score(detections, *dataset_);
  std::int64_t done = 0;
  const Evaluation evaluation =
      evaluate(*detector_, *dataset_, {.progress = [&](const Progress& progress) {
        EXPECT_EQ(progress.stage, "evaluate, clean");
        done = progress.done;
      }});
  EXPECT_EQ(done, 12);
  EXPECT_EQ(evaluation.pictures, 12);
  EXPECT_EQ(evaluation.faces, one_by_one.faces);
  EXPECT_DOUBLE_EQ(evaluation.pooled_average_precision, one_by_one.pooled_average_precision);
  EXPECT_DOUBLE_EQ(evaluation.interval_low, one_by_one.interval_low);
  EXPECT_GT(evaluation.seconds, 0);
  EXPECT_EQ(evaluation.alpha, 0);
  EXPECT_TRUE(evaluation.skipped.empty());
  EXPECT_NE(evaluation.protocol.find("enlarged 2 times, scores over 0.05"), std::string::npos);
}

TEST_F(Evaluate, UnreadablePictureIsSkippedWithItsFacesAndNamed) {
  std::filesystem::remove(sample(3).path);
  std::ofstream(sample(8).path, std::ios::trunc) << "not a picture";
  const Evaluation evaluation = evaluate(*detector_, *dataset_, {.bootstrap = 0});
  ASSERT_EQ(evaluation.skipped.size(), 2);
  EXPECT_EQ(evaluation.skipped[0].find(sample(3).name + ": "), 0);
  EXPECT_EQ(evaluation.skipped[1].find(sample(8).name + ": "), 0);
  EXPECT_EQ(evaluation.pictures, 10);
  std::size_t faces = 0;
  for (const Sample& sample : dataset_->samples()) faces += sample.faces.size();
  EXPECT_EQ(evaluation.faces, faces - sample(3).faces.size() - sample(8).faces.size());
}

TEST_F(Evaluate, StrictRunEndsAtAnUnreadablePicture) {
  std::filesystem::remove(sample(3).path);
  expect_error(ErrorCode::kNotFound, sample(3).path.filename().string(),
               [&] { evaluate(*detector_, *dataset_, {.strict = true}); });
}

TEST_F(Evaluate, RunWithoutAnyReadablePictureIsAnError) {
  for (const Sample& sample : dataset_->samples()) std::filesystem::remove(sample.path);
  expect_error(ErrorCode::kNotFound, "none of 12 pictures could be read",
               [&] { evaluate(*detector_, *dataset_); });
}

TEST_F(Evaluate, StoppedRunIsUnavailable) {
  std::stop_source stop;
  stop.request_stop();
  expect_error(ErrorCode::kUnavailable, "stopped after 0 of 12 pictures",
               [&] { evaluate(*detector_, *dataset_, {.stop = stop.get_token()}); });
}

TEST_F(Evaluate, RefusesBeforeTheFirstPictureWhatCannotBeScored) {
  const auto never = [](const Progress&) { ADD_FAILURE() << "a picture was run"; };
  expect_error(ErrorCode::kInvalidArgument, "no face of at least 1000 px",
               [&] { evaluate(*detector_, *dataset_, {.min_height = 1000, .progress = never}); });
  expect_error(ErrorCode::kInvalidArgument, "iou",
               [&] { evaluate(*detector_, *dataset_, {.iou = 2, .progress = never}); });
}

}  // namespace
}  // namespace scrim
