#include <scrim/dataset.h>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

#include "support/expect_error.h"

namespace scrim {
namespace {

Image noisy_picture(int width, int height) {
  Image image{width, height, {}};
  std::uint32_t state = 12345;
  for (int i = 0; i < width * height * 3; ++i) {
    state = state * 1664525U + 1013904223U;
    image.pixels.push_back(static_cast<std::uint8_t>(state >> 24));
  }
  return image;
}

// Bilinear interpolation as defined, in double: pixel centres at half-integers, border repeated.
double interpolated(const Image& image, int c, double x, double y) {
  const auto value = [&](int column, int row) {
    column = std::clamp(column, 0, image.width - 1);
    row = std::clamp(row, 0, image.height - 1);
    return static_cast<double>(
        image.pixels[static_cast<std::size_t>((row * image.width + column) * 3 + c)]);
  };
  const int left = static_cast<int>(std::floor(x));
  const int top = static_cast<int>(std::floor(y));
  const double u = x - left, v = y - top;
  return (1 - v) * ((1 - u) * value(left, top) + u * value(left + 1, top)) +
         v * ((1 - u) * value(left, top + 1) + u * value(left + 1, top + 1));
}

// A weight is a float of a coordinate up to `side`, so it is off by at most side * 2^-24, and
// weighs a difference of at most 255; twice, for two directions. The blend itself adds a few ulp
// of 255 (2^-16 each).
double tolerance(const Image& image) {
  const double side = std::max(image.width, image.height);
  return 2 * 255 * side * std::pow(2.0, -24) + 6 * std::pow(2.0, -16);
}

class ToInput : public testing::TestWithParam<std::tuple<int, int, double>> {};

TEST_P(ToInput, IsBilinearEnlargementMinusTheMeanInPlanes) {
  const auto [width, height, scale] = GetParam();
  const Image image = noisy_picture(width, height);
  const InputRules rules{.scale = scale};
  const Tensor input = to_input(image, rules);

  const auto out_height = static_cast<int>(std::max(1.0, std::nearbyint(height * scale)));
  const auto out_width = static_cast<int>(std::max(1.0, std::nearbyint(width * scale)));
  ASSERT_EQ(input.shape, (Shape{1, 3, out_height, out_width}));
  std::size_t at = 0;
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < out_height; ++y) {
      for (int x = 0; x < out_width; ++x, ++at) {
        const double expected =
            interpolated(image, c, (x + 0.5) / scale - 0.5, (y + 0.5) / scale - 0.5) -
            rules.mean[static_cast<std::size_t>(c)];
        ASSERT_NEAR(input.values[at], expected, tolerance(image)) << c << " " << y << " " << x;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ToInput,
                         testing::Combine(testing::Values(1, 2, 3, 17, 64),
                                          testing::Values(1, 2, 5, 33),
                                          testing::Values(1.0, 3.0, 2.5, 1.37, 0.5, 0.3)));

TEST(ToInputSingle, EqualsOpenCvOnAFloatPicture) {
  const Image image = noisy_picture(123, 77);
  cv::Mat reference(77, 123, CV_8UC3, const_cast<std::uint8_t*>(image.pixels.data()));
  reference.convertTo(reference, CV_32FC3);
  cv::resize(reference, reference, {}, 3, 3, cv::INTER_LINEAR);
  const Tensor input = to_input(image, {});
  ASSERT_EQ(input.shape, (Shape{1, 3, reference.rows, reference.cols}));
  const double mean[] = {104, 117, 123};
  for (int y = 0; y < reference.rows; ++y) {
    for (int x = 0; x < reference.cols; ++x) {
      for (int c = 0; c < 3; ++c) {
        const auto at = static_cast<std::size_t>((c * reference.rows + y) * reference.cols + x);
        ASSERT_NEAR(input.values[at], reference.at<cv::Vec3f>(y, x)[c] - mean[c], tolerance(image));
      }
    }
  }
}

TEST(ToInputSingle, ScaleOneOnlySubtractsTheMean) {
  const Image image{2, 1, {10, 20, 30, 40, 50, 60}};
  const Tensor input = to_input(image, {.scale = 1, .mean = {1, 2, 3}});
  EXPECT_EQ(input.shape, (Shape{1, 3, 1, 2}));
  EXPECT_EQ(input.values, (std::vector<float>{9, 39, 18, 48, 27, 57}));
}

TEST(ToInputSingle, RefusesBadRulesAndPictures) {
  const Image image = noisy_picture(4, 4);
  const auto refused = [&](const Image& picture, InputRules rules, const std::string& part) {
    expect_error(ErrorCode::kInvalidArgument, part, [&] { to_input(picture, rules); });
  };
  refused(image, {.scale = 0}, "scale");
  refused(image, {.scale = -3}, "scale");
  refused(image, {.scale = std::nan("")}, "scale");
  refused(image, {.scale = 1e9}, "16384");
  refused(image, {.mean = {1, 2}}, "3 means");
  refused({0, 0, {}}, {}, "sides");
  refused({4, 4, {1, 2, 3}}, {}, "48 bytes");
}

TEST(Enlarge, IsTheInputAsRoundedPixels) {
  const Image image = noisy_picture(31, 19);
  for (const double scale : {1.0, 2.5, 3.0, 0.5}) {
    const Image enlarged = enlarge(image, scale);
    const Tensor input = to_input(image, {.scale = scale, .mean = {0, 0, 0}});
    ASSERT_EQ(input.shape, (Shape{1, 3, enlarged.height, enlarged.width}));
    const std::size_t plane = static_cast<std::size_t>(enlarged.width * enlarged.height);
    for (std::size_t i = 0; i < 3 * plane; ++i) {
      const float exact = input.values[(i % 3) * plane + i / 3];
      ASSERT_NEAR(enlarged.pixels[i], exact, 0.5 + tolerance(image));
    }
  }
}

TEST(Enlarge, KeepsAtLeastOnePixel) {
  const Image dot = enlarge(noisy_picture(3, 3), 0.01);
  EXPECT_EQ(dot.width, 1);
  EXPECT_EQ(dot.height, 1);
}

}  // namespace
}  // namespace scrim
