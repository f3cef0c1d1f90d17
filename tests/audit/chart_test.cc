#include "audit/chart.h"

#include "audit/sample_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace scrim {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

TEST(Chart, DrawsEachPointWithItsInterval) {
  const std::string svg = chart_svg(
      {"t", {{"a", {{0.5, {0.4, 0.3, 0.5}}, {0.9, {0.2, 0.1, 0.3}}}}}, {{"chance", 0.05}}});
  EXPECT_EQ(count(svg, "<circle "), 2U);
  EXPECT_EQ(count(svg, "stroke-width=\"4\""), 2U);
  EXPECT_THAT(svg, HasSubstr(">0.5</text>"));
  EXPECT_THAT(svg, HasSubstr(">0.9</text>"));
  EXPECT_THAT(svg, HasSubstr(">chance</text>"));
}

// The scale runs from 204 (0) up to 30 (1): a higher value has a smaller y, and none leaves it.
TEST(Chart, PutsHigherValuesHigherAndCutsAtTheEdges) {
  const std::string svg = chart_svg(
      {"t", {{"a", {{0.2, {-3, -4, -2}}, {0.5, {0.5, 0.5, 0.5}}, {0.8, {7, 6, 8}}}}}, {}});
  EXPECT_THAT(svg, HasSubstr(",204.0 "));
  EXPECT_THAT(svg, HasSubstr(",117.0 "));
  EXPECT_THAT(svg, HasSubstr(",30.0\""));
}

TEST(Chart, SortsByAlphaAndLeavesOutWhatIsNoNumber) {
  const std::string svg = chart_svg({"t",
                                     {{"a",
                                       {{0.9, {0.1, kNotANumber, kNotANumber}},
                                        {0.5, {0.9, 0.9, 0.9}},
                                        {0.7, {kNotANumber, 0, 0}},
                                        {1.0, {0.5, 0, 0}}}}},
                                     {{"nowhere", kNotANumber}}});
  EXPECT_EQ(count(svg, "<circle "), 2U);
  EXPECT_EQ(count(svg, "stroke-width=\"4\""), 1U);
  EXPECT_LT(svg.find(",47.4"), svg.find(",186.6"));  // .9 at alpha .5 before .1 at alpha .9
  EXPECT_THAT(svg, Not(HasSubstr("nowhere")));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Chart, IsEmptyWithoutAPoint) {
  EXPECT_EQ(chart_svg({"t", {}, {{"chance", 0.5}}}), "");
  EXPECT_EQ(chart_svg({"t", {{"a", {{0.5, {}}}}}, {}}), "");
}

TEST(Chart, KeepsNamesApartAndEscapesThem) {
  const Measured same{0.01, 0.01, 0.01};
  const std::string svg =
      chart_svg({"<t>", {{"<a>", {{0.5, same}}}, {"b", {{0.5, same}}}}, {{"c", 0.01}}});
  EXPECT_THAT(svg, Not(HasSubstr("<a>")));
  EXPECT_THAT(svg, Not(HasSubstr("<t>")));
  std::vector<double> places;
  for (auto at = svg.find("x=\"286.0\" y=\""); at != std::string::npos;
       at = svg.find("x=\"286.0\" y=\"", at + 1)) {
    places.push_back(std::stod(svg.substr(at + 13)));
  }
  ASSERT_EQ(places.size(), 3U);
  for (const std::size_t i : {0U, 1U}) EXPECT_GE(std::abs(places[i + 1] - places[i]), 12.9);
}

}  // namespace
}  // namespace scrim
