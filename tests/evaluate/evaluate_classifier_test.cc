#include <scrim/evaluate.h>

#include "support/expect_error.h"
#include "support/small_release.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <numeric>

namespace scrim {
namespace {

class EvaluateClassifier : public testing::Test {
 protected:
  void SetUp() override {
    generate_shapes(folder_ / "shapes", {.pictures = 160, .seed = 5});
    dataset_ = Dataset::open(folder_ / "shapes");
  }
  void write_classes(const std::string& names) const {
    std::ofstream(folder_ / "shapes" / "classes.txt", std::ios::trunc) << names;
  }

  TemporaryFolder folder_;
  std::optional<Dataset> dataset_;
};

TEST_F(EvaluateClassifier, EqualsClassifyingOneByOne) {
  const Classifier classifier(Network::load(kShapesWeights));
  std::vector<int> correct(10), pictures(10);
  for (const Sample& sample : dataset_->samples()) {
    const auto p = classifier(read_image(sample.path));
    const auto best = std::max_element(p.begin(), p.end()) - p.begin();
    const auto fold = static_cast<std::size_t>(sample.fold - 1);
    correct[fold] += best == sample.label.value();
    ++pictures[fold];
  }
  const ClassifierEvaluation run = evaluate(classifier, *dataset_);
  ASSERT_EQ(run.folds.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) {
    EXPECT_DOUBLE_EQ(run.folds[i], static_cast<double>(correct[i]) / pictures[i]);
  }
  EXPECT_DOUBLE_EQ(run.pooled_accuracy, std::accumulate(correct.begin(), correct.end(), 0) / 160.0);
  EXPECT_NEAR(run.mean_accuracy, run.pooled_accuracy, 1e-12);  // folds of one size
  EXPECT_GT(run.mean_accuracy, 0.8);                           // it was trained on such pictures
  EXPECT_LT(run.interval_low, run.mean_accuracy);
  EXPECT_GE(run.interval_high, run.mean_accuracy);
  EXPECT_EQ(run.pictures, 160);
  EXPECT_EQ(run.classes, 8);
  EXPECT_EQ(run.alpha, 0);
}

TEST_F(EvaluateClassifier, ClassesGoByNameAndNotByNumber) {
  const Classifier classifier(Network::load(kShapesWeights));
  const double before = evaluate(classifier, *dataset_).mean_accuracy;
  write_classes("crescent\narrow\ncross\nstar\ntriangle\nsquare\nring\ndisc\n");
  EXPECT_EQ(evaluate(classifier, Dataset::open(folder_ / "shapes")).mean_accuracy, before);
  std::filesystem::rename(folder_ / "shapes/disc", folder_ / "shapes/dice");
  write_classes("crescent\narrow\ncross\nstar\ntriangle\nsquare\nring\ndice\n");
  expect_error(ErrorCode::kInvalidArgument, "knows no class 'dice'",
               [&] { evaluate(classifier, Dataset::open(folder_ / "shapes")); });
}

TEST_F(EvaluateClassifier, ATorchScriptPairGivesTheSameAccuracy) {
  const Network network = Network::load(kShapesWeights, {.split_point = "conv3"});
  network.export_torchscript(folder_ / "head.pt", folder_ / "tail.pt");
  const Classifier pair(Network::load(folder_ / "head.pt", folder_ / "tail.pt"));
  EXPECT_TRUE(pair.options().classes.empty());
  EXPECT_EQ(evaluate(pair, *dataset_).pooled_accuracy,
            evaluate(Classifier(network), *dataset_).pooled_accuracy);
}

TEST_F(EvaluateClassifier, NoiseOfAHighAlphaCostsAccuracyWithoutATrainedTail) {
  const Release release = small_release(folder_, 0.97);
  const Noise noise(release, Key::from_bytes({7}), {.alpha = 0.97});
  const Classifier noisy(Head::open(release), noise, Tail::open(release));
  const ClassifierEvaluation run = evaluate(noisy, *dataset_, {.workers = 3});
  EXPECT_EQ(run.alpha, 0.97);
  EXPECT_LT(run.mean_accuracy, 0.5);
  EXPECT_EQ(run.folds, evaluate(noisy, *dataset_, {.workers = 1}).folds);
}

TEST_F(EvaluateClassifier, SkipsWhatCannotBeReadAndRefusesFaces) {
  const Classifier classifier(Network::load(kShapesWeights));
  std::filesystem::remove(dataset_->samples()[3].path);
  const ClassifierEvaluation run = evaluate(classifier, *dataset_);
  ASSERT_EQ(run.skipped.size(), 1U);
  EXPECT_EQ(run.pictures, 159);
  expect_error(ErrorCode::kNotFound, "",
               [&] { evaluate(classifier, *dataset_, {.strict = true}); });
  generate_faces(folder_ / "faces", {.pictures = 2, .width = 64, .height = 64});
  expect_error(ErrorCode::kInvalidArgument, "(layout fddb) has no classes",
               [&] { evaluate(classifier, Dataset::open(folder_ / "faces")); });
}

}  // namespace
}  // namespace scrim
