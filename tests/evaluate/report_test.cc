#include <scrim/evaluate.h>

#include "base/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

namespace scrim {
namespace {

using testing::HasSubstr;
using testing::Not;

Evaluation clean_run() {
  Evaluation evaluation;
  evaluation.protocol = "PASCAL average precision";
  evaluation.folds = {0.9491256561145955, 1, 0.00001};
  evaluation.mean_average_precision = 0.9337148153739079;
  evaluation.pooled_average_precision = 0.93;
  evaluation.interval_low = 0.92;
  evaluation.interval_high = 0.9449;
  evaluation.resamplings = 1000;
  evaluation.max_recall = 0.95;
  evaluation.pictures = 100;
  evaluation.faces = 300;
  evaluation.seconds = 8;
  return evaluation;
}

Evaluation noisy_run() {
  Evaluation evaluation = clean_run();
  evaluation.alpha = 0.8;
  return evaluation;
}

TEST(ReportLines, ArePrintedAsInTheJobLogOfTheTechReport) {
  EXPECT_EQ(report_lines(clean_run(), "Fddb"),
            "===== Results =====\n"
            "Fddb-fold-1 Val AP: 0.9491256561145955\n"
            "Fddb-fold-2 Val AP: 1.0\n"
            "Fddb-fold-3 Val AP: 0.00001\n"
            "Fddb Dataset Average AP: 0.9337148153739079\n"
            "=====\n"
            "mAP: 0.9337148153739079\n"
            "95 %: [0.9200, 0.9449]   pooled AP: 0.9300   max recall: 0.9500\n"
            "pictures: 100   faces: 300   pictures per second: 12.5\n"
            "protocol: PASCAL average precision\n");
}

TEST(ReportLines, ReadBackAsTheSameDouble) {
  Evaluation evaluation = clean_run();
  for (const double value : {1.0 / 3, 2.0 / 3, 0.1, std::nextafter(0.5, 1.0), 1.0 - 1e-16, 0.0}) {
    evaluation.mean_average_precision = value;
    const std::string lines = report_lines(evaluation, "Fddb");
    EXPECT_EQ(std::stod(lines.substr(lines.find("mAP: ") + 5)), value);
  }
}

TEST(ReportLines, NameAlphaAndBitsOfANoisyRunOnly) {
  // log2(1 / 0.8) / 2 = 0.16096
  EXPECT_THAT(report_lines(noisy_run(), "Fddb"),
              HasSubstr("\nalpha: 0.8   bits per element: 0.1610\n"));
  EXPECT_THAT(report_lines(clean_run(), "Fddb"), Not(HasSubstr("alpha")));
}

TEST(ReportLines, SayWhatIsMissing) {
  Evaluation evaluation = clean_run();
  evaluation.folds[1] = std::nan("");
  evaluation.resamplings = 0;
  evaluation.seconds = 0;
  evaluation.skipped = {"img_1: no such file", "img_2: not a picture"};
  const std::string lines = report_lines(evaluation, "Voc");
  EXPECT_THAT(lines, HasSubstr("Voc-fold-2 Val AP: no face\n"));
  EXPECT_THAT(lines, HasSubstr("skipped: 2\n  img_1: no such file\n  img_2: not a picture\n"));
  EXPECT_THAT(lines, Not(HasSubstr("95 %")));
  EXPECT_THAT(lines, Not(HasSubstr("per second")));
}

ClassifierEvaluation classifier_run() {
  ClassifierEvaluation evaluation;
  evaluation.protocol = "share of the pictures";
  evaluation.folds = {0.5, std::nan("")};
  evaluation.mean_accuracy = evaluation.pooled_accuracy = 0.5;
  evaluation.interval_low = 0.4;
  evaluation.interval_high = 0.6;
  evaluation.resamplings = 10;
  evaluation.pictures = 20;
  evaluation.classes = 8;
  evaluation.seconds = 4;
  evaluation.alpha = 0.8;
  return evaluation;
}

TEST(ReportLines, OfAClassifierSayAccuracy) {
  EXPECT_EQ(report_lines(classifier_run(), "Classes"),
            "===== Results =====\n"
            "Classes-fold-1 Val accuracy: 0.5\n"
            "Classes-fold-2 Val accuracy: no picture\n"
            "Classes Dataset Average accuracy: 0.5\n"
            "=====\n"
            "mean accuracy: 0.5\n"
            "alpha: 0.8   bits per element: 0.1610\n"
            "95 %: [0.4000, 0.6000]   pooled accuracy: 0.5000\n"
            "pictures: 20   classes: 8   pictures per second: 5.0\n"
            "protocol: share of the pictures\n");
}

TEST(ToJson, OfAClassifierHoldsItsFigures) {
  const Json json = parse_json(to_json(classifier_run()), "the evaluation");
  EXPECT_EQ(json["mean_accuracy"], 0.5);
  EXPECT_EQ(json["pooled_accuracy"], 0.5);
  EXPECT_TRUE(json["folds"][1].is_null());
  EXPECT_EQ(json["interval"]["high"], 0.6);
  EXPECT_EQ(json["alpha"], 0.8);
  EXPECT_EQ(json["classes"], 8);
  EXPECT_FALSE(json.contains("faces"));
}

TEST(ToJson, HoldsTheFiguresOfTheRun) {
  const Json json = parse_json(to_json(noisy_run()), "the evaluation");
  EXPECT_EQ(json["mean_average_precision"], 0.9337148153739079);
  EXPECT_EQ(json["folds"], Json::array({0.9491256561145955, 1.0, 0.00001}));
  EXPECT_EQ(json["pooled_average_precision"], 0.93);
  EXPECT_EQ(json["interval"]["low"], 0.92);
  EXPECT_EQ(json["interval"]["high"], 0.9449);
  EXPECT_EQ(json["interval"]["resamplings"], 1000);
  EXPECT_EQ(json["max_recall"], 0.95);
  EXPECT_EQ(json["alpha"], 0.8);
  EXPECT_NEAR(json["bits_per_element"].get<double>(), 0.160964, 1e-6);
  EXPECT_EQ(json["pictures"], 100);
  EXPECT_EQ(json["faces"], 300);
  EXPECT_EQ(json["seconds"], 8);
  EXPECT_EQ(json["pictures_per_second"], 12.5);
  EXPECT_EQ(json["protocol"], "PASCAL average precision");
  EXPECT_TRUE(json["skipped"].empty());
}

TEST(ToJson, IsNullWhereThereIsNothing) {
  Evaluation evaluation = clean_run();
  evaluation.folds[1] = std::nan("");
  evaluation.resamplings = 0;
  const Json json = parse_json(to_json(evaluation), "the evaluation");
  EXPECT_TRUE(json["folds"][1].is_null());
  EXPECT_TRUE(json["interval"].is_null());
  EXPECT_TRUE(json["alpha"].is_null());
  EXPECT_FALSE(json.contains("bits_per_element"));
}

TEST(ToJson, StaysValidForFileNamesThatAreNotUtf8) {
  Evaluation evaluation = clean_run();
  evaluation.skipped = {"caf\xe9.jpg: no such file"};
  EXPECT_EQ(parse_json(to_json(evaluation), "the evaluation")["skipped"].size(), 1);
}

}  // namespace
}  // namespace scrim
