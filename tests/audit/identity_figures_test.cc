#include "audit/identity_figures.h"

#include "base/random.h"

#include <scrim/status.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace scrim {
namespace {

// `persons` with `each` pictures; what an attacker knows of a person is `signal`, the rest noise.
Matching matching(int persons, int each, double signal, std::uint64_t seed) {
  Matching m;
  for (int i = 0; i < persons * each; ++i) m.probe_person.push_back(i / each);
  m.gallery_person = m.probe_person;
  Random random(seed);
  for (const int probe : m.probe_person) {
    for (const int other : m.gallery_person) {
      m.similarity.push_back(static_cast<float>((probe == other ? signal : 0) + random.share()));
    }
  }
  return m;
}

TEST(Rank1, IsOneForWhoSeesEverything) {
  const Measured found = rank1(matching(20, 10, 2, 1));
  EXPECT_EQ(found.value, 1);
  EXPECT_EQ(found.low, 1);
  EXPECT_EQ(found.high, 1);
}

// 20 persons with 10 pictures: 9 of the other 199 are right. 200 probes have a standard error of
// sqrt(.045 * .955 / 200) = .015.
TEST(Rank1, IsAtChanceForWhoSeesNothing) {
  const Matching blind = matching(20, 10, 0, 1);
  EXPECT_NEAR(rank1_chance(blind), 9.0 / 199, 1e-12);
  EXPECT_NEAR(rank1(blind).value, 9.0 / 199, 4 * 0.015);
}

// Whose answers are all equal must not profit from the order in which pictures are listed.
TEST(Rank1, SharesATieAmongAllThatAreTied) {
  Matching equal = matching(5, 4, 0, 1);
  std::fill(equal.similarity.begin(), equal.similarity.end(), 0.5F);
  EXPECT_NEAR(rank1(equal).value, rank1_chance(equal), 1e-12);
  EXPECT_DOUBLE_EQ(verification_auc(equal).value, 0.5);
}

TEST(Rank1, DoesNotCountThePictureItself) {
  Matching m;
  m.probe_person = m.gallery_person = {1, 2, 1, 2};
  m.similarity.assign(16, 0.0F);
  for (std::size_t i = 0; i < 4; ++i) {
    m.similarity[i * 4 + i] = 1.0F;         // itself
    m.similarity[i * 4 + (i ^ 1U)] = 0.5F;  // another person
  }
  EXPECT_EQ(rank1(m).value, 0);
  m.same_pictures = false;
  EXPECT_EQ(rank1(m).value, 1);
}

TEST(Rank1, LeavesOutWhoIsNotInTheGallery) {
  const Matching m{.probe_person = {1, 9},
                   .gallery_person = {1, 2},
                   .similarity = {0.9F, 0.1F, 0.3F, 0.4F},
                   .same_pictures = false};
  EXPECT_EQ(rank1(m).value, 1);
  EXPECT_DOUBLE_EQ(rank1_chance(m), 0.5);
}

// Two persons are found always, two never: the interval by person spans from none to all of them.
TEST(Rank1, IntervalIsByPerson) {
  Matching m;
  for (int i = 0; i < 40; ++i) m.probe_person.push_back(i / 10);
  m.gallery_person = {0, 1, 2, 3};
  m.same_pictures = false;
  for (const int person : m.probe_person) {
    for (const int other : m.gallery_person) {
      m.similarity.push_back(other == (person < 2 ? person : 0) ? 1.0F : 0.0F);
    }
  }
  const Measured found = rank1(m);
  EXPECT_DOUBLE_EQ(found.value, 0.5);
  EXPECT_EQ(found.low, 0);  // chance of drawing the two only: 1/16
  EXPECT_EQ(found.high, 1);
}

// Uniform scores with a shift s < 1: P(x + s > y) = 1 - (1 - s)^2 / 2.
TEST(VerificationAuc, MatchesTheClosedFormOfShiftedScores) {
  for (const double shift : {0.0, 0.3, 0.8}) {
    const Measured a = verification_auc(matching(20, 10, shift, 3), {.draws = 100});
    EXPECT_NEAR(a.value, 1 - (1 - shift) * (1 - shift) / 2, 0.02) << shift;
    EXPECT_LE(a.low, a.value);
    EXPECT_GE(a.high, a.value);
  }
}

TEST(Auc, CountsPairsAndHalvesTies) {
  EXPECT_DOUBLE_EQ(auc(std::vector{1.0, 2.0, 3.0}, {false, true, false}), 0.5);
  EXPECT_DOUBLE_EQ(auc(std::vector{1.0, 2.0, 2.0}, {false, true, false}), 0.75);
  EXPECT_DOUBLE_EQ(auc(std::vector{5.0, 1.0}, {true, false}), 1);
  EXPECT_DOUBLE_EQ(auc(std::vector{5.0, 1.0}, {false, true}), 0);
  EXPECT_TRUE(std::isnan(auc(std::vector{5.0, 1.0}, {true, true})));
}

TEST(Auc, EqualsTheCountOfAllPairsOnDiscreteScores) {
  Random random(4);
  std::vector<double> scores;
  std::vector<bool> positive;
  for (int i = 0; i < 60; ++i) {
    positive.push_back(random.chance(0.4));
    scores.push_back(random.below(8) + (positive.back() ? 1 : 0));
  }
  double won = 0, pairs = 0;
  for (std::size_t i = 0; i < 60; ++i) {
    for (std::size_t j = 0; j < 60; ++j) {
      if (!positive[i] || positive[j]) continue;
      ++pairs;
      won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
    }
  }
  EXPECT_NEAR(auc(scores, positive), won / pairs, 1e-12);
}

TEST(Auc, WeightsStandForRepeatedUnits) {
  const std::vector<double> scores = {1, 2, 3, 4};
  const std::vector<bool> positive = {true, false, true, false};
  const std::vector<double> repeated = {1, 1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(auc(scores, positive, std::vector{2.0, 1.0, 1.0, 1.0}),
                   auc(repeated, {true, true, false, true, false}));
}

TEST(Auc, IntervalByGroupHoldsTheFigure) {
  std::vector<double> scores;
  std::vector<bool> positive;
  std::vector<int> person;
  Random random(5);
  for (int i = 0; i < 200; ++i) {
    positive.push_back(i % 2 == 0);
    scores.push_back(random.share() + (i % 2 == 0 ? 0.3 : 0));
    person.push_back(i / 10);
  }
  const Measured e = auc_estimate(scores, positive, person, {.draws = 300});
  EXPECT_DOUBLE_EQ(e.value, auc(scores, positive));
  EXPECT_LT(e.low, e.value);
  EXPECT_GT(e.high, e.value);
}

TEST(IdentityFigures, RefuseWhatDoesNotFit) {
  Matching m = matching(3, 2, 1, 1);
  m.similarity[4] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(rank1(m), Error);
  m.similarity.pop_back();
  EXPECT_THROW(rank1_chance(m), Error);
  EXPECT_THROW(rank1({}), Error);
  EXPECT_THROW(rank1({.probe_person = {1}, .gallery_person = {1}, .similarity = {1}}), Error);
  const Matching strangers{.probe_person = {1, 1},
                           .gallery_person = {2, 2},
                           .similarity = {1, 1, 1, 1},
                           .same_pictures = false};
  EXPECT_THROW(rank1(strangers), Error);
  EXPECT_THROW(verification_auc(strangers), Error);
  EXPECT_THROW(auc(std::vector{1.0}, {true, false}), Error);
}

}  // namespace
}  // namespace scrim
