#include "audit/findings.h"

#include "audit/sample_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Findings, TheBestAttackerMissesLeastAndFindsMost) {
  const AuditResult audit = sample_audit();
  EXPECT_DOUBLE_EQ(best_figure(audit, kPictureMissed, Seen::kRelease, 0.95).value, 0.642);
  EXPECT_DOUBLE_EQ(best_figure(audit, kPersonNamed, Seen::kRelease, 0.5).value, 0.3);
  EXPECT_DOUBLE_EQ(best_figure(audit, kPictureMissed, Seen::kNoNoise).value, 0.343);
  EXPECT_FALSE(is_measured(best_figure(audit, kPictureMissed, Seen::kRelease, 0.7)));
  EXPECT_EQ(best_row({}, kPersonMatched, Seen::kRelease, 0.5), nullptr);
}

// A search is measured on few pictures, and they may be easy ones.
TEST(Findings, FewPicturesAreNotComparedWithMany) {
  AuditResult audit = sample_audit();
  AttackRow few = *best_row(audit, kPictureMissed, Seen::kRelease, 0.95);
  const auto pictures = few.pictures;
  few.attacker = "optimisation";
  few.unexplained_variance.value = 0.1;
  few.pictures = pictures / 2 + pictures % 2;
  audit.attacks.push_back(few);
  EXPECT_EQ(best_row(audit, kPictureMissed, Seen::kRelease, 0.95)->attacker, "optimisation");
  audit.attacks.back().pictures = pictures / 2 - 1;
  EXPECT_NE(best_row(audit, kPictureMissed, Seen::kRelease, 0.95)->attacker, "optimisation");
}

TEST(Findings, AnAttackerIsComparedWithItselfWithoutNoise) {
  const AuditResult audit = sample_audit();
  EXPECT_EQ(without_noise(audit, audit.attacks[0])->attacker, "linear");
  EXPECT_DOUBLE_EQ(without_noise(audit, audit.attacks[4])->unexplained_variance.value, 0.343);
  AttackRow average = audit.attacks[4];
  average.attacker = "averaging";
  EXPECT_EQ(without_noise(audit, average)->attacker, "decoder");
  AttackRow mask = audit.attacks[0];
  mask.attribute = "mask";
  EXPECT_EQ(without_noise(audit, mask), nullptr);
}

TEST(Findings, ListAlphasAndAttackersOnce) {
  const AuditResult audit = sample_audit();
  EXPECT_THAT(audited_alphas(audit), testing::ElementsAre(0.5, 0.95));
  EXPECT_THAT(attackers_of(audit), testing::ElementsAre("linear", "decoder"));
  EXPECT_EQ(capacity_at(audit, 0.95)->alpha, 0.95);
  EXPECT_EQ(capacity_at(audit, 0.7), nullptr);
}

}  // namespace
}  // namespace scrim
