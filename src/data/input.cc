// The enlargement of a picture into the head's input: the hot path of an evaluation.
//
// cv::resize on an interleaved float picture, then a split, writes the 13 MB of a 1200x900 input
// three times. Here each source row is widened once and each output row is one blend of two
// widened rows, so that the input is written once.
#include "base/check.h"
#include "data/mat.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace scrim {
namespace {

// Output pixel i takes source pixels `left` and `left + 1` with weights 1 - right and right.
// The left index stays one below the last, so that both may be read.
struct Tap {
  int left;
  float right;
};

// OpenCV's INTER_LINEAR: pixel centres at half-integers, the border pixel repeated outside.
std::vector<Tap> taps(int source, int output, double scale) {
  std::vector<Tap> result(static_cast<std::size_t>(output));
  for (int i = 0; i < output; ++i) {
    const auto at = static_cast<float>((i + 0.5) / scale - 0.5);
    const int left = static_cast<int>(std::floor(at));
    Tap& tap = result[static_cast<std::size_t>(i)];
    tap = {left, at - static_cast<float>(left)};
    if (left < 0) tap = {0, 0};
    if (left >= source - 1) tap = {std::max(source - 2, 0), source > 1 ? 1.0F : 0.0F};
  }
  return result;
}

int scaled_side(int side, double scale, const char* what) {
  const double scaled = std::nearbyint(side * scale);
  check(scaled <= kMaxImageSide, "a picture's ", what, " of ", side, " enlarged ", scale,
        " times exceeds ", kMaxImageSide, " pixels");
  return std::max(1, static_cast<int>(scaled));
}

void check_scale(double scale) {
  check(std::isfinite(scale) && scale > 0, "the scale must be positive, got ", scale);
}

// Widens one row: source is width B, G, R triples, planes is 3 x output.
void widen_row(const std::uint8_t* source, int width, const std::vector<Tap>& columns,
               float* planes) {
  const std::size_t count = columns.size();
  const std::ptrdiff_t next = width > 1 ? 3 : 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* pixel = source + 3 * static_cast<std::ptrdiff_t>(columns[i].left);
    const float right = columns[i].right;
    const float left = 1.0F - right;
    for (std::size_t c = 0; c < 3; ++c) {
      planes[c * count + i] =
          static_cast<float>(pixel[c]) * left +
          static_cast<float>(pixel[next + static_cast<std::ptrdiff_t>(c)]) * right;
    }
  }
}

// out[i] = top[i] * (1 - bottom_share) + bottom[i] * bottom_share - mean
void blend_row(const float* top, const float* bottom, float bottom_share, float mean,
               std::size_t count, float* out) {
  const float top_share = 1.0F - bottom_share;
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = top[i] * top_share + bottom[i] * bottom_share - mean;
  }
}

}  // namespace

Tensor to_input(const Image& image, const InputRules& rules) {
  check_image(image);
  check_scale(rules.scale);
  check(rules.mean.size() == 3, "an input needs 3 means, got ", rules.mean.size());
  const auto columns =
      taps(image.width, scaled_side(image.width, rules.scale, "width"), rules.scale);
  const auto rows =
      taps(image.height, scaled_side(image.height, rules.scale, "height"), rules.scale);
  const std::size_t width = columns.size();
  const std::size_t height = rows.size();

  Tensor input{{1, 3, static_cast<std::int64_t>(height), static_cast<std::int64_t>(width)}, {}};
  input.values.resize(3 * height * width);
  // Two widened source rows; row r lies in slot r mod 2.
  std::vector<float> widened(2 * 3 * width);
  const auto slot = [&](int row) { return widened.data() + (row % 2) * 3 * width; };
  const std::size_t source_stride = static_cast<std::size_t>(image.width) * 3;
  int ready = -1;
  for (std::size_t y = 0; y < height; ++y) {
    const int top = rows[y].left;
    const int bottom = std::min(top + 1, image.height - 1);
    for (ready = std::max(ready, top - 1); ready < bottom;) {
      ++ready;
      widen_row(image.pixels.data() + static_cast<std::size_t>(ready) * source_stride, image.width,
                columns, slot(ready));
    }
    for (std::size_t c = 0; c < 3; ++c) {
      blend_row(slot(top) + c * width, slot(bottom) + c * width, rows[y].right,
                static_cast<float>(rules.mean[c]), width, &input.values[(c * height + y) * width]);
    }
  }
  return input;
}

Image enlarge(const Image& image, double scale) {
  check_image(image);
  check_scale(scale);
  const cv::Size size(scaled_side(image.width, scale, "width"),
                      scaled_side(image.height, scale, "height"));
  cv::Mat enlarged;
  view(image).convertTo(enlarged, CV_32FC3);
  // The size is given for the sake of sides under half a pixel; the scale, because the mapping of
  // pixels must follow it and not the rounded size.
  if (size.width > 1 && size.height > 1) {
    cv::resize(enlarged, enlarged, {}, scale, scale, cv::INTER_LINEAR);
  } else {
    cv::resize(enlarged, enlarged, size, 0, 0, cv::INTER_LINEAR);
  }
  enlarged.convertTo(enlarged, CV_8UC3);
  return to_image(enlarged);
}

}  // namespace scrim
