// Average precision of the published weights on 853 photographs, three times enlarged, against
// figures on which two implementations that are independent of this one agree. Takes a minute.
#include "evaluate/pipeline.h"
#include "network/threads.h"

#include <scrim/evaluate.h>

#include "support/temporary_folder.h"
#include "support/test_data.h"

#include <gtest/gtest.h>

#include <fstream>
#include <vector>

namespace scrim {
namespace {

constexpr const char* kShippedWeights = "faceboxes/FaceBoxesProd.safetensors";

// The figures have four digits, the means three. Other kernels round differently, which moves a
// detection at the IoU limit now and then: one face is a 400th of a fold.
constexpr double kFoldTolerance = 0.0025;
constexpr double kMeanTolerance = 0.0015;

void expect_folds(const Evaluation& evaluation, const std::vector<double>& expected) {
  ASSERT_EQ(evaluation.folds.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(evaluation.folds[i], expected[i], kFoldTolerance) << "fold " << i + 1;
  }
}

// The network runs once, for both tests.
class Photographs : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::filesystem::exists(test_data(kShippedWeights))) return;
    if (!std::filesystem::exists(test_data("mask853/originalPics"))) return;
    dataset_ = Dataset::open(test_data("mask853"), {.layout = "fddb"});
    const Detector detector(Network::load(test_data(kShippedWeights)), {.input = {.scale = 3}});
    const auto& samples = dataset_->samples();
    std::vector<std::vector<Detection>> found(samples.size());
    const PipelineStages stages = {.prepare = [](const Sample&) { return Tensor{}; },
                                   .process =
                                       [&](std::size_t index, const Tensor&) {
                                         const OneThreadEach one_thread;
                                         found[index] = detector(read_image(samples[index].path));
                                       }};
    run_pipeline(samples, stages, {});
    for (std::size_t i = 0; i < samples.size(); ++i) detections_[samples[i].name] = found[i];
  }
  void SetUp() override {
    SCRIM_NEEDS_TEST_DATA(kShippedWeights);
    SCRIM_NEEDS_TEST_DATA("mask853/originalPics");
  }

  static inline std::optional<Dataset> dataset_;
  static inline DetectionsByName detections_;
};

TEST_F(Photographs, AllFaces) {
  const Evaluation all = score(detections_, *dataset_);
  expect_folds(all,
               {0.7209, 0.7264, 0.6950, 0.5531, 0.6694, 0.7227, 0.6792, 0.7604, 0.6368, 0.6664});
  EXPECT_EQ(all.pictures, 853);
  EXPECT_EQ(all.faces, 4072);
  EXPECT_NEAR(all.mean_average_precision, 0.683, kMeanTolerance);
  EXPECT_NEAR(all.pooled_average_precision, 0.680, kMeanTolerance);
  EXPECT_NEAR(all.max_recall, 0.752, kMeanTolerance);
}

TEST_F(Photographs, FacesOfTwentyPixelsAndMore) {
  const Evaluation large = score(detections_, *dataset_, {.min_height = 20});
  expect_folds(large,
               {0.8295, 0.8021, 0.8082, 0.7555, 0.8496, 0.7925, 0.7665, 0.8570, 0.7901, 0.8187});
  EXPECT_EQ(large.faces, 2572);
  EXPECT_NEAR(large.mean_average_precision, 0.807, kMeanTolerance);
  EXPECT_NEAR(large.pooled_average_precision, 0.807, kMeanTolerance);
  EXPECT_NEAR(large.max_recall, 0.867, kMeanTolerance);
}

TEST_F(Photographs, FacesOfThirtyTwoPixelsAndMore) {
  const Evaluation large = score(detections_, *dataset_, {.min_height = 32});
  EXPECT_EQ(large.faces, 1437);
  EXPECT_NEAR(large.mean_average_precision, 0.847, kMeanTolerance);
  EXPECT_NEAR(large.pooled_average_precision, 0.846, kMeanTolerance);
}

TEST_F(Photographs, LooserIou) {
  EXPECT_NEAR(score(detections_, *dataset_, {.iou = 0.35}).pooled_average_precision, 0.811,
              kMeanTolerance);
  EXPECT_NEAR(
      score(detections_, *dataset_, {.iou = 0.35, .min_height = 20}).pooled_average_precision,
      0.902, kMeanTolerance);
}

// The detector of share/, on the 171 pictures that it was not trained on. It was measured at 0.770;
// 0.74 leaves room for other kernels and none for another detector.
TEST(ShippedDetector, FindsTheFacesOfPhotographs) {
  SCRIM_NEEDS_TEST_DATA("mask853/originalPics");
  const TemporaryFolder folder;
  std::ofstream list(folder / "list.txt");
  for (const char* name : {"mask853/split_validate.txt", "mask853/split_test.txt"}) {
    list << std::ifstream(test_data(name)).rdbuf();
  }
  list.close();
  const Dataset dataset = Dataset::open(test_data("mask853"), {.list = folder / "list.txt"});
  ASSERT_EQ(dataset.samples().size(), 171U);
  const Detector detector(Network::load(SCRIM_SHIPPED_WEIGHTS), {.input = {.scale = 3}});
  EXPECT_GT(evaluate(detector, dataset, {.min_height = 20}).mean_average_precision, 0.74);
}

}  // namespace
}  // namespace scrim
