#include "audit/chart.h"

#include "audit/html.h"
#include "audit/page.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace scrim {
namespace {

constexpr double kWidth = 400, kHeight = 240;  // of the drawing, in its own units
constexpr double kLeft = 30, kRight = 278, kTop = 30, kBottom = 204;
constexpr double kLabel = 286;      // where the names of lines begin
constexpr double kLineHeight = 13;  // between two names
constexpr double kTickGap = 24;     // between two alphas that are both written
// Okabe and Ito's colours, told apart by the colour-blind; vermilion, blue, green, purple.
constexpr const char* kColours[] = {"#d55e00", "#0072b2", "#009e73", "#a8508a"};
constexpr const char* kGrey = "#57606a";

struct Label {
  double y;
  std::string text;
  const char* colour;
};

std::string pixels(double value) { return figure(value, 1); }

double y_of(double value) { return kBottom - std::clamp(value, 0.0, 1.0) * (kBottom - kTop); }

// The place of an alpha between the least and the greatest on the chart.
class Axis {
 public:
  explicit Axis(const Chart& chart) {
    for (const ChartSeries& series : chart.series) {
      for (const auto& [alpha, figure] : series.points) {
        if (alpha > 0 && alpha < 1 && std::isfinite(figure.value)) alphas_.insert(alpha);
      }
    }
  }

  const std::set<double>& alphas() const { return alphas_; }
  double x_of(double alpha) const {
    const double low = logit(*alphas_.begin()), high = logit(*alphas_.rbegin());
    const double share = high > low ? (logit(alpha) - low) / (high - low) : 0.5;
    return kLeft + 14 + share * (kRight - kLeft - 28);
  }

 private:
  static double logit(double alpha) { return std::log(alpha / (1 - alpha)); }
  std::set<double> alphas_;
};

std::string line(double x1, double y1, double x2, double y2, const std::string& look) {
  return "<line x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) + "\" x2=\"" + pixels(x2) +
         "\" y2=\"" + pixels(y2) + "\" " + look + "/>";
}

std::string text_at(double x, double y, const std::string& words, const std::string& look) {
  return "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" " + look + ">" + escaped(words) +
         "</text>";
}

std::string frame(const Axis& axis) {
  std::string out;
  for (int tenth = 0; tenth <= 10; tenth += 2) {
    const double y = y_of(tenth / 10.0);
    out += line(kLeft, y, kRight, y, "stroke=\"#e7ebef\"");
    out += text_at(kLeft - 4, y + 3.5, figure(tenth / 10.0, 1), "text-anchor=\"end\"");
  }
  double last = -kTickGap;
  for (const double alpha : axis.alphas()) {
    const double x = axis.x_of(alpha);
    out += line(x, kBottom, x, kBottom + 4, "stroke=\"#57606a\"");
    if (x - last < kTickGap) continue;
    out += text_at(x, kBottom + 15, alpha_text(alpha), "text-anchor=\"middle\"");
    last = x;
  }
  return out + text_at((kLeft + kRight) / 2, kBottom + 31, "alpha", "text-anchor=\"middle\"");
}

// The curve, a point and an interval at each alpha. Returns where it ends.
std::string curve(const ChartSeries& series, const Axis& axis, const char* colour, double& end) {
  const std::string stroke = std::string("stroke=\"") + colour + "\"";
  auto points = series.points;
  std::erase_if(points, [](const auto& point) {
    return !(point.first > 0 && point.first < 1 && std::isfinite(point.second.value));
  });
  std::sort(points.begin(), points.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string path, marks;
  for (const auto& [alpha, measured] : points) {
    const double x = axis.x_of(alpha), y = y_of(measured.value);
    path += (path.empty() ? "" : " ") + pixels(x) + "," + pixels(y);
    if (std::isfinite(measured.low) && std::isfinite(measured.high)) {
      marks += line(x, y_of(measured.low), x, y_of(measured.high),
                    stroke +
                        " stroke-width=\"4\" "
                        "stroke-opacity=\".35\"");
    }
    marks += "<circle cx=\"" + pixels(x) + "\" cy=\"" + pixels(y) + "\" r=\"3.2\" fill=\"" +
             colour + "\"/>";
    end = y;
  }
  return "<polyline points=\"" + path + "\" fill=\"none\" stroke-width=\"1.8\" " + stroke + "/>" +
         marks;
}

// Names beside the ends of their lines, moved apart so that all can be read.
std::string names(std::vector<Label> labels) {
  std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) { return a.y < b.y; });
  for (std::size_t i = 1; i < labels.size(); ++i) {
    labels[i].y = std::max(labels[i].y, labels[i - 1].y + kLineHeight);
  }
  double limit = kBottom + kLineHeight / 2;
  std::string out;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->y = std::min(label->y, limit);
    limit = label->y - kLineHeight;
    out +=
        text_at(kLabel, label->y + 3.5, label->text, std::string("fill=\"") + label->colour + "\"");
  }
  return out;
}

}  // namespace

std::string chart_svg(const Chart& chart) {
  const Axis axis(chart);
  if (axis.alphas().empty()) return {};
  std::string out = "<svg viewBox=\"0 0 " + pixels(kWidth) + " " + pixels(kHeight) +
                    "\" role=\"img\" font-size=\"11\" fill=\"#1b1f24\"><title>" +
                    escaped(chart.title) + "</title>" +
                    text_at(kLeft - 20, 16, chart.title, "font-size=\"13\" font-weight=\"600\"") +
                    frame(axis);
  std::vector<Label> labels;
  for (const ChartLine& reference : chart.lines) {
    if (!std::isfinite(reference.value)) continue;
    const double y = y_of(reference.value);
    out += line(kLeft, y, kRight, y, "stroke=\"#57606a\" stroke-dasharray=\"5 4\"");
    labels.push_back({y, reference.name, kGrey});
  }
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    double end = -1;
    const char* colour = kColours[i % std::size(kColours)];
    const std::string drawn = curve(chart.series[i], axis, colour, end);
    if (end < 0) continue;
    out += drawn;
    labels.push_back({end, chart.series[i].name, colour});
  }
  return out + names(std::move(labels)) + "</svg>\n";
}

}  // namespace scrim
