#include "audit/report_tables.h"

#include "audit/sample_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scrim {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(AttackTables, HaveTheFigureWithoutNoiseBesideEachRow) {
  const std::string tables = attack_tables(sample_audit());
  EXPECT_THAT(tables, HasSubstr("<td>alpha 0.95</td>"
                                "<td>64.2&#8239;%<small>62.2 to 66.2</small></td>"
                                "<td>34.3&#8239;%</td>"));
  EXPECT_THAT(tables, HasSubstr("<td>alpha 0.5</td>"
                                "<td>60.0&#8239;%<small>58.0 to 62.0</small></td>"
                                "<td>50.0&#8239;%</td>"));
  EXPECT_EQ(count(tables, "<h3>"), 3U);  // two attackers, and what was not attacked
}

TEST(AttackTables, SayWhichRowsAverageDraws) {
  EXPECT_THAT(attack_tables(sample_audit()),
              HasSubstr("alpha 0.95, 16 draws<small>together as alpha 0.543</small>"));
}

TEST(AttackTables, LeaveOutWhatNobodyMeasured) {
  EXPECT_THAT(attack_tables(sample_audit()), Not(HasSubstr("SSIM")));
  EXPECT_THAT(attack_tables(sample_audit()), HasSubstr("person found"));
}

TEST(ControlTable, NamesTheFailedOnes) {
  AuditResult audit = sample_audit();
  EXPECT_THAT(control_table(audit), HasSubstr("<td>0.970</td><td>passed</td>"));
  audit.controls.front().passed = false;
  EXPECT_THAT(control_table(audit), HasSubstr("<b>FAILED</b>"));
  EXPECT_EQ(control_table({}), "");
}

// .161 bits an element, 128 channels: 20.608 bits a cell.
TEST(CapacityTables, CountBitsPerElementCellAndPictureAndShowTheTail) {
  const std::string tables = capacity_tables(sample_report());
  EXPECT_THAT(tables, HasSubstr("<td>0.1610</td>"));
  EXPECT_THAT(tables, HasSubstr("<td>20.61</td>"));
  EXPECT_THAT(tables, HasSubstr("<td>22710</td>"));
  EXPECT_THAT(tables, HasSubstr("<td>18.7</td><td>26.2</td>"));
  EXPECT_THAT(tables, HasSubstr("says nothing"));
}

TEST(CapacityTables, HaveNoTailWhereItWasNotMeasured) {
  ReportContents c = sample_report();
  for (CapacityRow& row : c.audit.capacity) row.norm_max = 0;
  EXPECT_THAT(capacity_tables(c), Not(HasSubstr("99.9 %")));
}

// Both references: the same network without noise, and the one before it was adapted.
TEST(AccuracyTable, PrintsBothRetentions) {
  const std::string table = accuracy_table(sample_report());
  EXPECT_THAT(table, HasSubstr("<td>alpha 0.95</td><td>0.8370<small>0.8000 to 0.8600</small></td>"
                               "<td>90.0&#8239;%</td><td>104.6&#8239;%</td>"));
  EXPECT_THAT(table, HasSubstr("PASCAL; 171 pictures."));
}

TEST(AccuracyTable, SaysThatNothingWasMeasured) {
  ReportContents c = sample_report();
  c.accuracy.clear();
  EXPECT_THAT(accuracy_table(c), HasSubstr("not measured"));
}

}  // namespace
}  // namespace scrim
