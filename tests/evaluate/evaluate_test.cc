#include <scrim/evaluate.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "support/test_data.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace scrim {
namespace {

constexpr const char* kTestWeights = "faceboxes/FaceBoxesProd.safetensors";

// A dozen drawn pictures in FDDB's layout, which a test may spoil, and the published detector.
class Evaluate : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(test_data(kTestWeights))) return;
    detector_.emplace(Network::load(test_data(kTestWeights)),
                      DetectorOptions{.input = {.scale = 2}});
  }
  static void TearDownTestSuite() { detector_.reset(); }
  void SetUp() override {
    SCRIM_NEEDS_TEST_DATA(kTestWeights);
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

// The published network cut after inception3, every channel sent with the same noise: a release
// that nobody adapted, whose folds are nothing to be proud of.
class EvaluateNoisy : public Evaluate {
 protected:
  static constexpr double kAlpha = 0.05;
  static constexpr std::size_t kChannels = 128;

  Release released() const {
    ReleaseParts parts;
    parts.manifest.model = "faceboxes";
    parts.manifest.task = "face-detection";
    parts.manifest.split_point = "inception3";
    parts.manifest.objective = "uniform";
    parts.manifest.input.scale = 2;
    parts.manifest.alphas = {kAlpha};
    parts.manifest.data_digest = std::string(64, '0');
    parts.noise.channels = parts.noise.directions = kChannels;
    parts.noise.alphas = {kAlpha};
    parts.noise.scale.emplace_back(kChannels, 1.0F);
    // 1 + SNR = 1/alpha where all channels share the bits
    const double snr = 1 / kAlpha - 1;
    parts.noise.sigma.emplace_back(kChannels, static_cast<float>(1 / std::sqrt(snr)));
    parts.noise.mean.assign(kChannels, 0.0F);
    parts.noise.basis.assign(kChannels * kChannels, 0.0F);
    for (std::size_t k = 0; k < kChannels; ++k) parts.noise.basis[k * kChannels + k] = 1;
    parts.noise.decode = parts.noise.basis;
    parts.noise.held_out_variance.assign(kChannels, 1.0F);
    parts.head = folder_ / "head.pt";
    parts.tail = folder_ / "tail.pt";
    Network::load(test_data(kTestWeights)).export_torchscript(parts.head, parts.tail);
    return Release::write(folder_ / "faces.scrim", parts);
  }
  static Detector noisy_detector(const Release& release) {
    const Noise noise(release, Key::from_bytes({7}), {.alpha = kAlpha});
    return Detector(Head::open(release), noise, Tail::open(release), {.input = {.scale = 2}});
  }
};

TEST_F(EvaluateNoisy, PassesTheNoiseOnTheWayAndNamesItsAlpha) {
  const Detector noisy = noisy_detector(released());
  EXPECT_TRUE(noisy.is_noisy());
  const Image picture = read_image(sample(0).path);
  const auto clean_detections = (*detector_)(picture);
  const auto noisy_detections = noisy(picture);
  const bool same_scores =
      std::equal(clean_detections.begin(), clean_detections.end(), noisy_detections.begin(),
                 noisy_detections.end(),
                 [](const Detection& a, const Detection& b) { return a.score == b.score; });
  EXPECT_FALSE(same_scores);
  const Evaluation evaluation = evaluate(noisy, *dataset_);
  EXPECT_EQ(evaluation.alpha, kAlpha);
  EXPECT_EQ(evaluation.pictures, 12);
  EXPECT_NE(report_lines(evaluation, "Drawn").find("\nalpha: 0.05 "), std::string::npos);
}

TEST_F(EvaluateNoisy, StickyNoiseGivesTheSameFiguresWhateverTheWorkers) {
  const Detector noisy = noisy_detector(released());
  const Evaluation alone = evaluate(noisy, *dataset_, {.workers = 1});
  const Evaluation together = evaluate(noisy, *dataset_, {.workers = 3});
  EXPECT_EQ(alone.pooled_average_precision, together.pooled_average_precision);
  EXPECT_EQ(alone.max_recall, together.max_recall);
}

}  // namespace
}  // namespace scrim
