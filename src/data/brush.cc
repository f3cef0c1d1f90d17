#include "data/brush.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr int kFractionBits = 4;

std::vector<cv::Point> fixed_point(const Points& points, cv::Point origin) {
  std::vector<cv::Point> result;
  result.reserve(points.size());
  for (const auto& p : points) {
    const auto fixed = [](float value) {
      // A far-off point keeps its direction well enough at 10^6 pixels.
      return static_cast<int>(std::lround(std::clamp(value, -1e6F, 1e6F) * (1 << kFractionBits)));
    };
    result.push_back(
        {fixed(p.x - static_cast<float>(origin.x)), fixed(p.y - static_cast<float>(origin.y))});
  }
  return result;
}

// The part of the canvas that the points reach, with a margin.
cv::Rect reached(const cv::Mat& canvas, const Points& points, float margin) {
  if (points.empty()) return {};
  cv::Point2f low = points.front(), high = points.front();
  for (const auto& p : points) {
    low = {std::min(low.x, p.x), std::min(low.y, p.y)};
    high = {std::max(high.x, p.x), std::max(high.y, p.y)};
  }
  const auto pixel = [](float v) { return static_cast<int>(std::clamp(v, -1e6F, 1e6F)); };
  const cv::Point corner(pixel(low.x - margin) - 2, pixel(low.y - margin) - 2);
  const cv::Point opposite(pixel(high.x + margin) + 3, pixel(high.y + margin) + 3);
  return cv::Rect(corner, opposite) & cv::Rect({0, 0}, canvas.size());
}

void soften(cv::Mat& mask, float softness) {
  if (softness < 0.3F) return;
  cv::GaussianBlur(mask, mask, {}, static_cast<double>(softness), 0, cv::BORDER_REPLICATE);
}

cv::Mat filled_mask(const cv::Rect& area, const Points& outline) {
  cv::Mat mask = cv::Mat::zeros(area.size(), CV_8U);
  cv::fillPoly(mask, std::vector{fixed_point(outline, area.tl())}, cv::Scalar(255), cv::LINE_AA,
               kFractionBits);
  return mask;
}

void blend(cv::Mat part, const cv::Mat& mask, const Colour& colour, float opacity) {
  for (int y = 0; y < part.rows; ++y) {
    auto* pixel = part.ptr<cv::Vec3b>(y);
    const auto* weight = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < part.cols; ++x) {
      if (weight[x] == 0) continue;
      const float share = static_cast<float>(weight[x]) * opacity / 255.0F;
      for (int c = 0; c < 3; ++c) {
        const float old = pixel[x][c];
        pixel[x][c] = cv::saturate_cast<std::uint8_t>(old + (colour[c] - old) * share);
      }
    }
  }
}

// Multiplies each pixel by 1 + (factor(x, y) - 1) * mask / 255.
template <typename Factor>
void multiply(cv::Mat part, const cv::Mat& mask, const Factor& factor) {
  for (int y = 0; y < part.rows; ++y) {
    auto* pixel = part.ptr<cv::Vec3b>(y);
    const auto* weight = mask.ptr<std::uint8_t>(y);
    for (int x = 0; x < part.cols; ++x) {
      if (weight[x] == 0) continue;
      const float f = 1 + (factor(x, y) - 1) * static_cast<float>(weight[x]) / 255.0F;
      for (int c = 0; c < 3; ++c) {
        pixel[x][c] = cv::saturate_cast<std::uint8_t>(static_cast<float>(pixel[x][c]) * f);
      }
    }
  }
}

}  // namespace

void fill(cv::Mat& canvas, const Points& outline, const Paint& paint) {
  const cv::Rect area = reached(canvas, outline, 3 * paint.softness);
  if (area.empty()) return;
  cv::Mat mask = filled_mask(area, outline);
  soften(mask, paint.softness);
  blend(canvas(area), mask, paint.colour, paint.opacity);
}

void stroke(cv::Mat& canvas, const Points& line, float thickness, const Paint& paint) {
  const cv::Rect area = reached(canvas, line, thickness + 3 * paint.softness);
  if (area.empty()) return;
  cv::Mat mask = cv::Mat::zeros(area.size(), CV_8U);
  const int width = std::max(1, static_cast<int>(std::lround(thickness)));
  cv::polylines(mask, std::vector{fixed_point(line, area.tl())}, false, cv::Scalar(255), width,
                cv::LINE_AA, kFractionBits);
  soften(mask, paint.softness);
  blend(canvas(area), mask, paint.colour, paint.opacity * std::min(1.0F, thickness));
}

void round_off(cv::Mat& canvas, const Points& outline, float reach, float depth) {
  const cv::Rect area = reached(canvas, outline, 2 * reach);
  if (area.empty()) return;
  const cv::Mat mask = filled_mask(area, outline);
  cv::Mat inner = mask.clone();
  cv::GaussianBlur(inner, inner, {}, std::max(0.5, static_cast<double>(reach)), 0,
                   cv::BORDER_CONSTANT);
  // At a straight rim the blurred mask is a half, deep inside it is one.
  multiply(canvas(area), mask, [&](int x, int y) {
    const float inside = static_cast<float>(inner.at<std::uint8_t>(y, x)) / 255.0F;
    return 1 - depth * std::clamp(2 - 2 * inside, 0.0F, 1.0F);
  });
}

void light(cv::Mat& canvas, const Points& outline, cv::Point2f direction, float low, float high) {
  const cv::Rect area = reached(canvas, outline, 0);
  if (area.empty()) return;
  const float extent = std::abs(direction.x) * static_cast<float>(area.width) +
                       std::abs(direction.y) * static_cast<float>(area.height);
  const float middle_x = static_cast<float>(area.width) / 2;
  const float middle_y = static_cast<float>(area.height) / 2;
  multiply(canvas(area), filled_mask(area, outline), [&](int x, int y) {
    const float along = (static_cast<float>(x) - middle_x) * direction.x +
                        (static_cast<float>(y) - middle_y) * direction.y;
    return low + (high - low) * (0.5F + along / extent);
  });
}

void roughen(cv::Mat& canvas, const Points& outline, Random& random, cv::Size2f spot,
             float amplitude) {
  const cv::Rect area = reached(canvas, outline, 0);
  if (area.empty()) return;
  const auto spots = [](int side, float size) {
    return 2 + static_cast<int>(static_cast<float>(side) / std::max(size, 1.0F));
  };
  cv::Mat coarse(spots(area.height, spot.height), spots(area.width, spot.width), CV_32F);
  for (auto it = coarse.begin<float>(); it != coarse.end<float>(); ++it) {
    *it = random.betweenf(-1, 1);
  }
  cv::Mat fine;
  cv::resize(coarse, fine, area.size(), 0, 0, cv::INTER_CUBIC);
  multiply(canvas(area), filled_mask(area, outline),
           [&](int x, int y) { return 1 + amplitude * fine.at<float>(y, x); });
}

Points ellipse(cv::Point2f centre, float rx, float ry, float angle) {
  constexpr int kCorners = 28;
  Points points;
  for (int i = 0; i < kCorners; ++i) {
    const float t = static_cast<float>(2 * CV_PI * i / kCorners);
    const float x = rx * std::cos(t), y = ry * std::sin(t);
    points.push_back({centre.x + x * std::cos(angle) - y * std::sin(angle),
                      centre.y + x * std::sin(angle) + y * std::cos(angle)});
  }
  return points;
}

Colour shaded(const Colour& colour, float factor) {
  Colour result = colour * factor;
  for (int c = 0; c < 3; ++c) result[c] = std::clamp(result[c], 0.0F, 255.0F);
  return result;
}

Colour mixed(const Colour& from, const Colour& to, float share) {
  return from + (to - from) * share;
}

}  // namespace scrim
