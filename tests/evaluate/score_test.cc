#include "evaluate/score.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "support/test_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace scrim {
namespace {

// A dataset in FDDB's layout without pictures: two folds, upright circles of radius 10 and 30.
class Score : public testing::Test {
 protected:
  Score() {
    std::filesystem::create_directories(folder_ / "FDDB-folds");
    write("FDDB-fold-01.txt", "a\nb\n");
    write("FDDB-fold-01-ellipseList.txt", "a\n1\n30 30 0 100 100 1\nb\n1\n10 10 0 50 50 1\n");
    write("FDDB-fold-02.txt", "c\n");
    write("FDDB-fold-02-ellipseList.txt", "c\n1\n30 30 0 100 100 1\n");
  }
  Dataset dataset() const { return Dataset::open(folder_.path(), {.layout = "fddb"}); }

 private:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / "FDDB-folds" / name) << text;
  }
  TemporaryFolder folder_;
};

const Box kBig = {70, 70, 130, 130};
const Box kSmall = {40, 40, 60, 60};
const Box kNowhere = {300, 300, 360, 360};

TEST_F(Score, GivesFoldsTheirMeanAndTheWhole) {
  const DetectionsByName detections = {
      {"a", {{kBig, 0.9F}}}, {"b", {{kNowhere, 0.8F}, {kSmall, 0.7F}}}, {"c", {{kNowhere, 0.95F}}}};
  const Evaluation evaluation = score(detections, dataset());
  ASSERT_EQ(evaluation.folds.size(), 2);
  EXPECT_DOUBLE_EQ(evaluation.folds[0], (1 + 2.0 / 3) / 2);
  EXPECT_EQ(evaluation.folds[1], 0);
  EXPECT_DOUBLE_EQ(evaluation.mean_average_precision, (1 + 2.0 / 3) / 4);
  // Pooled: false, found, false, found: precision 1/2 at recalls 1/3 and 2/3.
  EXPECT_DOUBLE_EQ(evaluation.pooled_average_precision, 1.0 / 3);
  EXPECT_DOUBLE_EQ(evaluation.max_recall, 2.0 / 3);
  EXPECT_EQ(evaluation.pictures, 3);
  EXPECT_EQ(evaluation.faces, 3);
  EXPECT_EQ(evaluation.resamplings, 1000);
  EXPECT_LE(evaluation.interval_low, evaluation.mean_average_precision);
  EXPECT_GE(evaluation.interval_high, evaluation.mean_average_precision);
  EXPECT_EQ(evaluation.alpha, 0);
}

TEST_F(Score, LowFacesNeitherHelpNorHurtAndTheProtocolSaysSo) {
  const DetectionsByName detections = {{"a", {{kBig, 0.9F}}}, {"b", {{kSmall, 0.95F}}}, {"c", {}}};
  const Evaluation evaluation = score(detections, dataset(), {.min_height = 30});
  EXPECT_EQ(evaluation.faces, 2);
  EXPECT_EQ(evaluation.folds[0], 1);
  EXPECT_NE(evaluation.protocol.find("lower than 30 px"), std::string::npos);
}

TEST_F(Score, PictureThatTheDetectionsDoNotNameHasNone) {
  const Evaluation evaluation = score({{"a", {{kBig, 0.9F}}}, {"elsewhere", {}}}, dataset());
  EXPECT_EQ(evaluation.pictures, 3);
  EXPECT_EQ(evaluation.folds[0], 0.5);
  EXPECT_EQ(evaluation.folds[1], 0);
}

TEST_F(Score, StrictNamesThePictureThatIsMissing) {
  expect_error(ErrorCode::kNotFound, "the picture b", [&] {
    score({{"a", {}}}, dataset(), {.strict = true});
  });
}

TEST_F(Score, RefusesDetectionsOfAnotherDataset) {
  expect_error(ErrorCode::kInvalidArgument, "none of the dataset's 3 pictures", [&] {
    score({{"elsewhere", {}}}, dataset());
  });
}

TEST_F(Score, RefusesARunWithoutAFaceThatCounts) {
  expect_error(ErrorCode::kInvalidArgument, "no face of at least 500 px", [&] {
    score({{"a", {}}}, dataset(), {.min_height = 500});
  });
  expect_error(ErrorCode::kInvalidArgument, "no face of at least 500 px",
               [&] { check_faces(dataset(), {.min_height = 500}); });
  EXPECT_NO_THROW(check_faces(dataset(), {}));
}

TEST_F(Score, FoldWithoutAFaceThatCountsIsLeftOutOfTheMean) {
  const std::vector<PictureCount> counts = {{.fold = 1, .faces = 1, .detections = {{0.9F, true}}},
                                            {.fold = 2, .faces = 0, .detections = {}}};
  const Evaluation evaluation = summarise(counts, 2, {});
  EXPECT_TRUE(std::isnan(evaluation.folds[1]));
  EXPECT_EQ(evaluation.mean_average_precision, 1);
}

TEST(EvaluateOptions, NameTheFieldOutOfRange) {
  const auto expect_bad = [](const EvaluateOptions& options, const std::string& part) {
    expect_error(ErrorCode::kInvalidArgument, part, [&] { options.validate(); });
  };
  expect_bad({.iou = 0}, "iou must be in (0, 1], got 0");
  expect_bad({.iou = 1.5}, "iou");
  expect_bad({.iou = std::nan("")}, "iou");
  expect_bad({.min_height = -1}, "min_height");
  expect_bad({.min_height = INFINITY}, "min_height");
  expect_bad({.bootstrap = -1}, "bootstrap");
  expect_bad({.workers = -1}, "workers");
  EXPECT_NO_THROW(EvaluateOptions{}.validate());
}

// Detections of another FaceBoxes on FDDB's photographs. The figures come from two implementations
// that are independent of this one and agree in all four digits.
TEST(ScoreGolden, FddbDetectionsOfAThirdParty) {
  SCRIM_NEEDS_TEST_DATA("fddb/detections");
  const auto detections =
      read_detections(test_data("fddb/detections/faceboxes_square_035_topk200_result.txt"));
  const Evaluation evaluation = score(detections, Dataset::open(test_data("fddb")));
  const std::vector<double> expected = {0.9088, 0.9090, 0.8944, 0.9135, 0.9322,
                                        0.9184, 0.8898, 0.8707, 0.8964, 0.9146};
  ASSERT_EQ(evaluation.folds.size(), expected.size());
  constexpr double kHalfADigit = 0.5e-4 + 1e-9;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(evaluation.folds[i], expected[i], kHalfADigit) << "fold " << i + 1;
  }
  EXPECT_NEAR(evaluation.mean_average_precision, 0.9048, kHalfADigit);
  EXPECT_EQ(evaluation.pictures, 2845);
  EXPECT_EQ(evaluation.faces, 5171);
}

}  // namespace
}  // namespace scrim
