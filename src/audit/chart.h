// A curve over alpha as inline SVG: points with intervals, lines to compare with.
#pragma once

#include <scrim/audit.h>

#include <string>
#include <utility>
#include <vector>

namespace scrim {

struct ChartSeries {
  std::string name;
  std::vector<std::pair<double, Measured>> points;  // alpha in (0, 1), figure
};

// A horizontal line, as for chance or for the figure without noise.
struct ChartLine {
  std::string name;
  double value = 0;
};

// All charts show 0 to 1, never a part of it: what looks small is small.
struct Chart {
  std::string title;
  std::vector<ChartSeries> series;  // at most four
  std::vector<ChartLine> lines;
};

// The chart, alpha on a logit scale. Points are cut at 0 and 1, those that are not finite left out.
// Empty without a point. Texts are escaped.
std::string chart_svg(const Chart& chart);

}  // namespace scrim
