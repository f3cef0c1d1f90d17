#include "learn/window.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

// The window in source pixels: x_source = left + (x_window + 0.5) / zoom - 0.5, as a bilinear
// enlargement samples it.
struct Placement {
  double zoom, left, top;
  bool mirrored;
};

double place_axis(double source_size, double window_size, double focus, Random& random) {
  const double slack = source_size - window_size;
  if (slack <= 0) return slack * random.share();  // the picture lies somewhere inside the window
  if (focus < 0) return slack * random.share();
  const double wanted = focus - window_size * random.between(0.15, 0.85);
  return std::clamp(wanted, 0.0, slack);
}

Placement place(const Image& image, std::span<const Box> faces, const WindowOptions& options,
                Random& random) {
  Placement at{};
  at.zoom = options.scale * std::exp(random.between(-options.zoom, options.zoom));
  const double window = options.size / at.zoom;
  double focus_x = -1;
  double focus_y = -1;
  if (!faces.empty() && random.share() < options.toward_face) {
    const Box& face = faces[random.index(faces.size())];
    focus_x = std::max(0.0, 0.5 * (face.x1 + face.x2));
    focus_y = std::max(0.0, 0.5 * (face.y1 + face.y2));
  }
  at.left = place_axis(image.width, window, focus_x, random);
  at.top = place_axis(image.height, window, focus_y, random);
  at.mirrored = random.share() < 0.5;
  return at;
}

cv::Mat sample_window(const Image& image, const Placement& at, int size) {
  const cv::Mat source(image.height, image.width, CV_8UC3,
                       const_cast<std::uint8_t*>(image.pixels.data()));
  const double step = 1 / at.zoom;
  const double x_step = at.mirrored ? -step : step;
  const double x_first = at.left + (at.mirrored ? (size - 0.5) * step : 0.5 * step) - 0.5;
  const cv::Matx23d map(x_step, 0, x_first, 0, step, at.top + 0.5 * step - 0.5);
  cv::Mat window;
  cv::warpAffine(source, window, map, cv::Size(size, size), cv::INTER_LINEAR | cv::WARP_INVERSE_MAP,
                 cv::BORDER_REPLICATE);
  return window;
}

using Curves = std::array<std::array<float, 256>, 3>;

// One curve a channel holds brightness, contrast, gain and the subtraction of the mean.
Curves draw_curves(const WindowOptions& options, Random& random) {
  const double brightness = 128 * random.between(-0.15, 0.15);
  const double contrast = random.between(0.8, 1.2);
  Curves curves{};
  for (std::size_t c = 0; c < 3; ++c) {
    const double gain = random.between(0.94, 1.06);
    for (int value = 0; value < 256; ++value) {
      const double changed = gain * (contrast * (value - 128) + 128 + brightness);
      curves[c][static_cast<std::size_t>(value)] =
          static_cast<float>(std::clamp(changed, 0.0, 255.0) - options.mean[c]);
    }
  }
  return curves;
}

void write_planes(const cv::Mat& window, const Curves& curves, bool grey, std::span<float> out) {
  const std::size_t plane =
      static_cast<std::size_t>(window.rows) * static_cast<std::size_t>(window.cols);
  const std::uint8_t* pixel = window.ptr<std::uint8_t>();
  for (std::size_t i = 0; i < plane; ++i, pixel += 3) {
    std::array<std::uint8_t, 3> bgr = {pixel[0], pixel[1], pixel[2]};
    if (grey) bgr.fill(static_cast<std::uint8_t>((29 * bgr[0] + 150 * bgr[1] + 77 * bgr[2]) >> 8));
    for (std::size_t c = 0; c < 3; ++c) out[c * plane + i] = curves[c][bgr[c]];
  }
}

WindowFaces place_faces(std::span<const Box> faces, const Placement& at,
                        const WindowOptions& options) {
  WindowFaces result;
  const auto size = static_cast<double>(options.size);
  const auto to_window = [&](double x, double origin) {
    return static_cast<float>((x - origin) * at.zoom);
  };
  for (const Box& face : faces) {
    Box box{to_window(face.x1, at.left), to_window(face.y1, at.top), to_window(face.x2, at.left),
            to_window(face.y2, at.top)};
    if (at.mirrored) {
      const auto edge = static_cast<float>(size);
      box = {edge - box.x2, box.y1, edge - box.x1, box.y2};
    }
    if (box.x2 <= 0 || box.y2 <= 0 || box.x1 >= size || box.y1 >= size) continue;
    const double cx = 0.5 * (box.x1 + box.x2);
    const double cy = 0.5 * (box.y1 + box.y2);
    const bool inside = cx >= 0 && cx < size && cy >= 0 && cy < size;
    (inside && box.height() >= options.min_face ? result.faces : result.ignored).push_back(box);
  }
  return result;
}

}  // namespace

WindowFaces draw_window(const Image& image, std::span<const Box> faces,
                        const WindowOptions& options, Random random, std::span<float> out) {
  const Placement at = place(image, faces, options, random);
  const Curves curves = draw_curves(options, random);
  const bool grey = random.share() < 0.07;
  write_planes(sample_window(image, at, options.size), curves, grey, out);
  return place_faces(faces, at, options);
}

}  // namespace scrim
