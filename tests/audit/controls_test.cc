#include "audit/controls.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

AttackRow row(const char* attacker, Seen seen, double missed, double rank1, double auc) {
  AttackRow r;
  r.attacker = attacker;
  r.seen = seen;
  r.unexplained_variance = {missed, missed - .01, missed + .01};
  r.rank1 = {rank1, rank1 - .03, rank1 + .03};
  r.auc = {auc, auc - .02, auc + .02};
  r.rank1_chance = 0.045;
  return r;
}

std::vector<AttackRow> good() {
  return {row("recogniser", Seen::kPictures, 0, 1, 1),
          row("decoder", Seen::kShallow, .08, .95, .99),
          row("decoder", Seen::kNoiseOnly, 1.01, .05, .5)};
}

TEST(Controls, PassForAnAttackerThatSucceedsWhereItMustAndFailsOnNoise) {
  const auto controls = controls_of(good());
  for (const Control& control : controls) EXPECT_TRUE(control.passed) << control.name;
  EXPECT_TRUE(all_passed(controls));
}

TEST(Controls, FailForAnAttackerThatIsTooWeakAtTheShallowCut) {
  auto rows = good();
  rows[1] = row("decoder", Seen::kShallow, .08, .10, .6);
  EXPECT_FALSE(all_passed(controls_of(rows)));
  rows = good();
  rows[1] = row("decoder", Seen::kShallow, .6, .95, .99);
  EXPECT_FALSE(all_passed(controls_of(rows)));
}

TEST(Controls, FailForAnAttackerThatSeesSomethingInNoiseAlone) {
  auto rows = good();
  rows[2] = row("decoder", Seen::kNoiseOnly, .7, .05, .5);
  EXPECT_FALSE(all_passed(controls_of(rows)));
  rows[2] = row("decoder", Seen::kNoiseOnly, 1.01, .3, .5);
  EXPECT_FALSE(all_passed(controls_of(rows)));
  rows[2] = row("decoder", Seen::kNoiseOnly, 1.01, .05, .6);
  EXPECT_FALSE(all_passed(controls_of(rows)));
}

TEST(Controls, MayMissNoiseAloneByMoreWhereASearchIsRoughAndNotWhereALeastErrorIsLearned) {
  auto rows = good();
  rows[2] = row("decoder", Seen::kNoiseOnly, 1.17, .05, .5);
  EXPECT_FALSE(all_passed(controls_of(rows)));
  for (const auto& [missed, passes] : {std::pair{1.17, true}, {1.6, false}, {.9, false}}) {
    rows = good();
    rows.push_back(row("optimisation", Seen::kShallow, .1, 1, .96));
    rows.push_back(row("optimisation", Seen::kNoiseOnly, missed, .05, .5));
    EXPECT_EQ(all_passed(controls_of(rows)), passes) << missed;
  }
}

TEST(Controls, FailWhereOneWasNotRun) {
  auto rows = good();
  rows.pop_back();
  EXPECT_FALSE(all_passed(controls_of(rows)));
  EXPECT_FALSE(all_passed({}));
}

TEST(Controls, FailForARecogniserThatDoesNotKnowPeopleOnCleanPictures) {
  auto rows = good();
  rows[0].rank1.value = 0.5;
  EXPECT_FALSE(all_passed(controls_of(rows)));
}

}  // namespace
}  // namespace scrim
