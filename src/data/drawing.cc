#include "base/check.h"
#include "data/mat.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace scrim {
namespace {

const cv::Scalar kFrame(60, 220, 60);
const cv::Scalar kLabelText(0, 0, 0);

int pixel(float coordinate) {
  constexpr float kFar = 2.0F * kMaxImageSide;
  return static_cast<int>(std::lround(std::clamp(coordinate, -kFar, kFar)));
}

// The score on a filled strip above the box, or inside it where there is no room above.
void draw_label(cv::Mat& canvas, const cv::Rect& box, float score, double size) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", static_cast<double>(score));
  int baseline = 0;
  const cv::Size extent = cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, size, 1, &baseline);
  const int height = extent.height + 4;
  const int top = box.y >= height ? box.y - height : box.y;
  cv::rectangle(canvas, {box.x, top, extent.width + 4, height}, kFrame, cv::FILLED);
  cv::putText(canvas, text, {box.x + 2, top + height - 2}, cv::FONT_HERSHEY_SIMPLEX, size,
              kLabelText, 1, cv::LINE_AA);
}

}  // namespace

Image draw_detections(const Image& image, std::span<const Detection> detections, float threshold) {
  check_image(image);
  Image drawn = image;
  cv::Mat canvas = view(drawn);
  const int longest = std::max(image.width, image.height);
  const int thickness = std::max(1, longest / 400);
  const double text_size = std::max(0.3, longest / 1600.0);
  for (const Detection& detection : detections) {
    if (!(detection.score >= threshold)) continue;
    const cv::Point corner(pixel(detection.box.x1), pixel(detection.box.y1));
    const cv::Rect box(corner, cv::Point(pixel(detection.box.x2), pixel(detection.box.y2)));
    cv::rectangle(canvas, box, kFrame, thickness);
    draw_label(canvas, box, detection.score, text_size);
  }
  return drawn;
}

}  // namespace scrim
