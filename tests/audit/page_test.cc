#include "audit/page.h"

#include <gtest/gtest.h>

#include <limits>

namespace scrim {
namespace {

constexpr double kNoFigure = std::numeric_limits<double>::quiet_NaN();

TEST(Page, WritesSharesAsPercent) {
  EXPECT_EQ(percent(0.6424), "64.2&#8239;%");
  EXPECT_EQ(percent(1, 0), "100&#8239;%");
  EXPECT_EQ(percent(kNoFigure), "-");
}

TEST(Page, PutsTheIntervalBelowTheFigureIfThereIsOne) {
  EXPECT_EQ(with_interval({0.6061, 0.582, 0.631}, 3), "0.606<small>0.582 to 0.631</small>");
  EXPECT_EQ(with_interval({0.5, kNoFigure, kNoFigure}, 2), "0.50");
  EXPECT_EQ(with_interval({}, 2), "-");
  EXPECT_EQ(percent_with_interval({0.5, 0.25, 0.75}), "50.0&#8239;%<small>25.0 to 75.0</small>");
}

TEST(Page, WritesAnAlphaWithTheDecimalsThatItNeeds) {
  EXPECT_EQ(alpha_text(0.95), "0.95");
  EXPECT_EQ(alpha_text(0.985), "0.985");
  EXPECT_EQ(alpha_text(kNoFigure), "-");
}

TEST(Page, WritesRowsTablesAndEscapedParagraphs) {
  EXPECT_EQ(row({"a", "b"}, "th", " class=\"x\""), "<tr class=\"x\"><th>a</th><th>b</th></tr>\n");
  EXPECT_EQ(table(""), "<div class=\"wide\"><table>\n</table></div>\n");
  EXPECT_EQ(paragraph("a<b"), "<p>a&lt;b</p>\n");
  EXPECT_EQ(section("a<b", "<p>"), "<h2>a&lt;b</h2>\n<p>");
}

TEST(Page, HasAStyleForPaper) {
  EXPECT_NE(page_style().find("@media print"), std::string_view::npos);
}

}  // namespace
}  // namespace scrim
