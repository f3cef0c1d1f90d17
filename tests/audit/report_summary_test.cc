#include "audit/report_summary.h"

#include "audit/sample_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Verdict, IsInvalidAsSoonAsOneControlFails) {
  AuditResult audit = sample_audit();
  EXPECT_THAT(verdict(audit), HasSubstr("Valid audit"));
  audit.controls.push_back({"another", "", 0, false});
  audit.valid = false;
  EXPECT_THAT(verdict(audit), HasSubstr("Invalid audit"));
  EXPECT_THAT(verdict(audit), HasSubstr("1 of 2 controls failed"));
  EXPECT_THAT(verdict({}), HasSubstr("No controls were run"));
}

TEST(Findings, NameTheBestAttackerWithItsFigureWithoutNoise) {
  const std::string words = findings_in_words(sample_report());
  EXPECT_THAT(words, HasSubstr("At alpha 0.95"));
  EXPECT_THAT(words, HasSubstr("90.0&#8239;% of its average precision: 0.837 of 0.930"));
  EXPECT_THAT(words, HasSubstr("trained decoder) misses 64.2&#8239;%"));
  EXPECT_THAT(words, HasSubstr("already hides 34.3&#8239;%"));
}

TEST(Findings, SayBetterThanGuessingOnlyIfTheIntervalDoes) {
  ReportContents c = sample_report();
  EXPECT_THAT(findings_in_words(c), HasSubstr("That is better than guessing"));
  for (AttackRow& row : c.audit.attacks) row.rank1.low = 0.01;
  EXPECT_THAT(findings_in_words(c), HasSubstr("cannot tell that from guessing"));
  for (AttackRow& row : c.audit.attacks) row.rank1 = {};
  EXPECT_THAT(findings_in_words(c), HasSubstr("was not tested"));
}

TEST(Glance, HasALineForEachAlphaBetweenNoNoiseAndChance) {
  const std::string table = glance(sample_report());
  const auto no_noise = table.find("<td>no noise"), half = table.find("<td>0.5<"),
             most = table.find("<td>0.95<"), chance = table.find("<td>chance");
  EXPECT_LT(no_noise, half);
  EXPECT_LT(half, most);
  EXPECT_LT(most, chance);
  EXPECT_NE(chance, std::string::npos);
  // Sixteen draws averaged are another attack: they do not stand for the alpha of one.
  EXPECT_THAT(table, HasSubstr("64.2&#8239;%<small>62.2 to 66.2</small>"));
  EXPECT_THAT(table, Not(HasSubstr("45.0&#8239;%")));
}

TEST(Charts, ShowAccuracyAndAttackSuccessWithIntervals) {
  const std::string drawn = charts(sample_report());
  EXPECT_EQ(count(drawn, "<svg "), 4U);
  EXPECT_THAT(drawn, HasSubstr("not adapted"));
  EXPECT_THAT(drawn, HasSubstr("chance"));
}

TEST(Charts, AreLeftOutForASingleAlpha) {
  ReportContents c = sample_report();
  c.audit.capacity.resize(1);
  std::erase_if(c.audit.attacks, [](const AttackRow& row) { return row.alpha == 0.95; });
  EXPECT_EQ(charts(c), "");
}

}  // namespace
}  // namespace scrim
