#include "data/average_precision.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace scrim {
namespace {

// Average precisions here are sums of a few fractions, each rounded once.
constexpr double kTolerance = 1e-14;

// A box of 10 x 10 pixels; boxes at different places do not touch.
Box at(int place) {
  const auto x = static_cast<float>(20 * place);
  return {x, 0, x + 10, 10};
}

Sample picture(std::vector<Box> faces, int fold = 1) {
  Sample sample;
  sample.faces = std::move(faces);
  sample.fold = fold;
  return sample;
}

Ranking ranking_of(const std::vector<PictureCount>& pictures) {
  std::vector<std::size_t> members(pictures.size());
  std::iota(members.begin(), members.end(), std::size_t{0});
  return Ranking(pictures, members);
}

double average_precision(const std::vector<PictureCount>& pictures) {
  const std::vector<std::int32_t> once(pictures.size(), 1);
  return ranking_of(pictures).average_precision(once);
}

double average_precision(const std::vector<Detection>& detections, const Sample& sample,
                         const MatchRules& rules = {}) {
  return average_precision({count_picture(detections, sample, rules)});
}

TEST(AveragePrecision, FollowsTheHandComputedCurve) {
  const Sample two_faces = picture({at(0), at(1)});
  // Found at .9 and .7, a false positive between: precision 1 at recall 1/2, 2/3 at recall 1.
  EXPECT_NEAR(average_precision({{at(0), 0.9F}, {at(5), 0.8F}, {at(1), 0.7F}}, two_faces),
              (1 + 2.0 / 3) / 2, kTolerance);
  // The false positive comes first: 1/2 at recall 1/2 is lifted to the 2/3 at recall 1.
  EXPECT_NEAR(average_precision({{at(0), 0.8F}, {at(5), 0.9F}, {at(1), 0.7F}}, two_faces), 2.0 / 3,
              kTolerance);
  // One face is never found: half of the recall counts as precision 0.
  EXPECT_NEAR(average_precision({{at(0), 0.8F}, {at(5), 0.7F}}, two_faces), 0.5, kTolerance);
}

TEST(AveragePrecision, FalsePositivesAfterTheLastFaceCostNothing) {
  const Sample sample = picture({at(0)});
  EXPECT_EQ(average_precision({{at(0), 0.8F}, {at(5), 0.7F}, {at(6), 0.6F}}, sample), 1);
}

TEST(AveragePrecision, IsZeroWithoutDetectionsAndUndefinedWithoutFaces) {
  EXPECT_EQ(average_precision({}, picture({at(0)})), 0);
  EXPECT_TRUE(std::isnan(average_precision({{at(0), 0.9F}}, picture({}))));
  EXPECT_TRUE(std::isnan(average_precision(std::vector<PictureCount>{})));
}

TEST(AveragePrecision, OrderOfDetectionsAndPicturesDoesNotMatter) {
  // Scores of one digit, so that many are equal, within pictures and across.
  std::mt19937 random(3);
  std::vector<std::vector<Detection>> detections(30);
  std::vector<Sample> samples(30, picture({at(0), at(1), at(2)}));
  for (auto& of_one : detections) {
    for (int i = 0; i < 8; ++i) {
      of_one.push_back(
          {at(static_cast<int>(random() % 6)), static_cast<float>(random() % 10) / 10});
    }
  }
  std::vector<PictureCount> counts;
  for (std::size_t i = 0; i < 30; ++i)
    counts.push_back(count_picture(detections[i], samples[i], {}));
  const double expected = average_precision(counts);
  ASSERT_GT(expected, 0.1);
  ASSERT_LT(expected, 0.9);
  for (int round = 0; round < 10; ++round) {
    std::vector<PictureCount> shuffled;
    for (std::size_t i = 0; i < 30; ++i) {
      std::shuffle(detections[i].begin(), detections[i].end(), random);
      shuffled.push_back(count_picture(detections[i], samples[i], {}));
    }
    std::shuffle(shuffled.begin(), shuffled.end(), random);
    EXPECT_EQ(average_precision(shuffled), expected);
  }
}

TEST(AveragePrecision, DetectionsOfEqualScoreEnterTogether) {
  // One threshold for both: precision 1/2 at recall 1, whichever comes first.
  const Sample sample = picture({at(0)});
  EXPECT_EQ(average_precision({{at(0), 0.9F}, {at(5), 0.9F}}, sample), 0.5);
  EXPECT_EQ(average_precision({{at(5), 0.9F}, {at(0), 0.9F}}, sample), 0.5);
}

TEST(AveragePrecision, WeightCountsAPictureSoManyTimes) {
  const std::vector<PictureCount> run = {
      count_picture(std::vector<Detection>{{at(0), 0.9F}, {at(4), 0.5F}}, picture({at(0)}), {}),
      count_picture(std::vector<Detection>{{at(5), 0.8F}}, picture({at(0)}), {}),
      count_picture(std::vector<Detection>{{at(1), 0.7F}}, picture({at(0), at(1)}), {})};
  const std::vector<PictureCount> repeated = {run[0], run[2], run[2], run[2]};
  const std::vector<std::int32_t> weights = {1, 0, 3};
  EXPECT_EQ(ranking_of(run).average_precision(weights), average_precision(repeated));
}

TEST(CountPicture, DuplicateIsAFalsePositive) {
  const auto count =
      count_picture(std::vector<Detection>{{at(0), 0.7F}, {at(0), 0.9F}}, picture({at(0)}), {});
  ASSERT_EQ(count.detections.size(), 2);
  EXPECT_FLOAT_EQ(count.detections[0].score, 0.9F);
  EXPECT_TRUE(count.detections[0].correct);
  EXPECT_FALSE(count.detections[1].correct);
}

TEST(CountPicture, TakenFaceIsNotExchangedForTheSecondNearest) {
  // Both faces overlap the second detection by more than half, the first more: a false positive.
  const Sample sample = picture({{0, 0, 10, 10}, {0, 3, 10, 13}});
  const auto count = count_picture(
      std::vector<Detection>{{{0, 0, 10, 10}, 0.9F}, {{0, 1, 10, 11}, 0.8F}}, sample, {});
  EXPECT_FALSE(count.detections[1].correct);
}

TEST(CountPicture, IouAtTheLimitMatches) {
  const Sample sample = picture({{0, 0, 10, 10}});
  const std::vector<Detection> half = {{{0, 0, 10, 5}, 0.9F}};
  EXPECT_TRUE(count_picture(half, sample, {}).detections[0].correct);
  EXPECT_FALSE(count_picture(half, sample, {.iou = 0.51}).detections[0].correct);
}

TEST(CountPicture, BoxesMayCrossTheEdgeUnclipped) {
  // Clipped at 0 the detection would cover the face by half only.
  const Sample sample = picture({{-10, 0, 10, 10}});
  const std::vector<Detection> outside = {{{-10, 0, 10, 9}, 0.9F}};
  EXPECT_TRUE(count_picture(outside, sample, {.iou = 0.85}).detections[0].correct);
}

TEST(CountPicture, IgnoredFaceNeitherHelpsNorHurts) {
  const Sample sample = picture({{0, 0, 10, 10}, {100, 0, 140, 40}});
  const MatchRules rules = {.min_height = 20};
  const std::vector<Detection> both = {{{0, 0, 10, 10}, 0.9F}, {{100, 0, 140, 40}, 0.8F}};
  const auto found = count_picture(both, sample, rules);
  EXPECT_EQ(found.faces, 1);
  ASSERT_EQ(found.detections.size(), 1);
  EXPECT_TRUE(found.detections[0].correct);
  EXPECT_EQ(average_precision({found}), 1);
  EXPECT_EQ(average_precision({both[1]}, sample, rules), 1);  // not finding it changes nothing
}

TEST(CountPicture, FaceAsHighAsTheLimitCounts) {
  EXPECT_EQ(count_picture({}, picture({{0, 0, 10, 20}}), {.min_height = 20}).faces, 1);
}

TEST(CountPicture, EveryDetectionOnAnIgnoredFaceIsDropped) {
  const Sample sample = picture({{0, 0, 10, 10}, {100, 0, 140, 40}});
  const std::vector<Detection> twice = {{{0, 0, 10, 10}, 0.9F}, {{0, 0, 10, 9}, 0.8F}};
  EXPECT_TRUE(count_picture(twice, sample, {.min_height = 20}).detections.empty());
}

TEST(CountPicture, DetectionNearestToAnIgnoredFaceBelowTheIouIsAFalsePositive) {
  const Sample sample = picture({{0, 0, 10, 10}});
  const std::vector<Detection> loose = {{{8, 0, 18, 10}, 0.9F}};
  const auto count = count_picture(loose, sample, {.min_height = 20});
  ASSERT_EQ(count.detections.size(), 1);
  EXPECT_FALSE(count.detections[0].correct);
}

TEST(Ranking, MaxRecallIsTheShareFoundAtAnyScore) {
  const auto ranking = ranking_of({count_picture(std::vector<Detection>{{at(0), 0.1F}},
                                                 picture({at(0), at(1), at(2), at(3)}), {})});
  EXPECT_EQ(ranking.max_recall(), 0.25);
  EXPECT_EQ(ranking.faces(), 4);
  EXPECT_TRUE(std::isnan(ranking_of({}).max_recall()));
}

TEST(Folds, EachPictureCountsInItsOwnFold) {
  const std::vector<PictureCount> run = {
      count_picture(std::vector<Detection>{{at(0), 0.9F}}, picture({at(0)}, 1), {}),
      count_picture({}, picture({at(0)}, 3), {})};
  const auto rankings = rankings_by_fold(run, 3);
  const std::vector<std::int32_t> once(run.size(), 1);
  ASSERT_EQ(rankings.size(), 3);
  EXPECT_EQ(rankings[0].average_precision(once), 1);
  EXPECT_TRUE(std::isnan(rankings[1].average_precision(once)));
  EXPECT_EQ(rankings[2].average_precision(once), 0);
}

TEST(Folds, MeanLeavesOutFoldsWithoutFaces) {
  const double none = std::nan("");
  EXPECT_EQ(mean_of_folds(std::vector<double>{0.25, none, 0.75}), 0.5);
  EXPECT_TRUE(std::isnan(mean_of_folds(std::vector<double>{none})));
}

TEST(Folds, MeanAveragePrecisionWeighsFoldsAndNotPictures) {
  const std::vector<Detection> found = {{at(0), 0.9F}};
  const std::vector<PictureCount> run = {
      count_picture(found, picture({at(0)}, 1), {}), count_picture(found, picture({at(0)}, 1), {}),
      count_picture(found, picture({at(0)}, 1), {}), count_picture({}, picture({at(0)}, 3), {})};
  EXPECT_EQ(mean_average_precision(run, 3), 0.5);
  EXPECT_TRUE(std::isnan(mean_average_precision({}, 3)));
}

}  // namespace
}  // namespace scrim
