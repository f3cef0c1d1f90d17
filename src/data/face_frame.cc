#include "data/face_frame.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

// How far the surface stands out at its middle, in half-widths.
constexpr float kDepth = 0.6F;

}  // namespace

cv::Point2f FaceFrame::placed(float x, float y) const {
  const float c = std::cos(pose_.roll), s = std::sin(pose_.roll);
  return {pose_.centre.x + c * x - s * y, pose_.centre.y + s * x + c * y};
}

cv::Point2f FaceFrame::on_surface(float u, float v) const {
  const float z = kDepth * std::sqrt(std::max(0.0F, 1 - 0.8F * u * u - 0.4F * v * v));
  const float x = u * std::cos(pose_.yaw) + z * std::sin(pose_.yaw);
  const float y = v * std::cos(pose_.pitch) + z * std::sin(pose_.pitch);
  return placed(x * pose_.half_width, y * pose_.half_height);
}

cv::Point2f FaceFrame::on_outline(float u, float v) const {
  return placed(u * pose_.half_width, v * pose_.half_height);
}

Points FaceFrame::on_surface(const Points& uv) const {
  Points result;
  for (const auto& p : uv) result.push_back(on_surface(p.x, p.y));
  return result;
}

Points FaceFrame::on_outline(const Points& uv) const {
  Points result;
  for (const auto& p : uv) result.push_back(on_outline(p.x, p.y));
  return result;
}

Points FaceFrame::spot(float u, float v, float ru, float rv, float angle) const {
  return on_surface(ellipse({u, v}, ru, rv, angle));
}

Points FaceFrame::arc(cv::Point2f from, cv::Point2f through, cv::Point2f to) const {
  // The quadratic Bezier curve whose middle is `through`.
  const cv::Point2f control = through * 2 - (from + to) * 0.5F;
  Points result;
  for (int i = 0; i <= 10; ++i) {
    const float t = static_cast<float>(i) / 10;
    const auto p = from * ((1 - t) * (1 - t)) + control * (2 * t * (1 - t)) + to * (t * t);
    result.push_back(on_surface(p.x, p.y));
  }
  return result;
}

}  // namespace scrim
