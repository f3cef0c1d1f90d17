#include "audit/picture_figures.h"

#include "base/check.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace scrim {
namespace {

constexpr double kPeak = 255;
constexpr double kMostPsnr = 99;
constexpr int kWindow = 11;
constexpr double kDeviation = 1.5;

void check_pair(const Image& picture, const Image& reconstruction) {
  check(picture.width == reconstruction.width && picture.height == reconstruction.height,
        "a reconstruction must have the size of its picture, ", picture.width, "x", picture.height,
        ", got ", reconstruction.width, "x", reconstruction.height);
  const auto values =
      static_cast<std::size_t>(picture.width) * static_cast<std::size_t>(picture.height) * 3;
  check(values > 0 && picture.pixels.size() == values && reconstruction.pixels.size() == values,
        "a picture of ", picture.width, "x", picture.height, " needs ", values, " values, got ",
        picture.pixels.size(), " and ", reconstruction.pixels.size());
}

void add_pixel(const Image& picture, const Image& reconstruction, std::size_t pixel,
               SquaredError& sums) {
  for (std::size_t colour = 0; colour < 3; ++colour) {
    const double value = picture.pixels[pixel * 3 + colour];
    const double missed = value - reconstruction.pixels[pixel * 3 + colour];
    sums.error += missed * missed;
    sums.square += value * value;
    sums.sum[colour] += value;
  }
  ++sums.pixels;
}

cv::Mat luminance(const Image& image) {
  const cv::Mat pixels(image.height, image.width, CV_8UC3,
                       const_cast<std::uint8_t*>(image.pixels.data()));
  cv::Mat wide, grey;
  pixels.convertTo(wide, CV_64FC3);
  cv::transform(wide, grey, cv::Matx13d(0.114, 0.587, 0.299));  // B, G, R
  return grey;
}

// Weighted means over the window, where it fits: `image` less 10 rows and columns.
cv::Mat windowed(const cv::Mat& image) {
  cv::Mat all;
  cv::GaussianBlur(image, all, {kWindow, kWindow}, kDeviation, kDeviation, cv::BORDER_REPLICATE);
  constexpr int kHalf = kWindow / 2;
  return all(cv::Rect(kHalf, kHalf, image.cols - 2 * kHalf, image.rows - 2 * kHalf));
}

void mark(const Box& box, const Image& picture, std::vector<bool>& inside) {
  const auto pixel = [](double edge, int size) {
    return static_cast<int>(std::clamp(edge, 0.0, static_cast<double>(size)));
  };
  const int left = pixel(std::floor(box.x1), picture.width);
  const int right = pixel(std::ceil(box.x2), picture.width);
  const int bottom = pixel(std::ceil(box.y2), picture.height);
  for (int y = pixel(std::floor(box.y1), picture.height); y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      inside[static_cast<std::size_t>(y) * static_cast<std::size_t>(picture.width) +
             static_cast<std::size_t>(x)] = true;
    }
  }
}

}  // namespace

double psnr(const Image& picture, const Image& reconstruction) {
  const SquaredError sums = squared_error(picture, reconstruction);
  if (sums.error <= 0) return kMostPsnr;
  return std::min(kMostPsnr, 10 * std::log10(kPeak * kPeak * 3 * sums.pixels / sums.error));
}

double ssim(const Image& picture, const Image& reconstruction) {
  check_pair(picture, reconstruction);
  check(picture.width >= kWindow && picture.height >= kWindow, "SSIM needs at least ", kWindow, "x",
        kWindow, " pixels, got ", picture.width, "x", picture.height);
  constexpr double kC1 = (0.01 * kPeak) * (0.01 * kPeak), kC2 = (0.03 * kPeak) * (0.03 * kPeak);
  const cv::Mat x = luminance(picture), y = luminance(reconstruction);
  const cv::Mat mean_x = windowed(x), mean_y = windowed(y);
  const cv::Mat square_x = windowed(x.mul(x)), square_y = windowed(y.mul(y));
  const cv::Mat product = windowed(x.mul(y));
  double sum = 0;
  for (int row = 0; row < mean_x.rows; ++row) {
    for (int column = 0; column < mean_x.cols; ++column) {
      const double mx = mean_x.at<double>(row, column), my = mean_y.at<double>(row, column);
      const double variances =
          square_x.at<double>(row, column) - mx * mx + square_y.at<double>(row, column) - my * my;
      const double covariance = product.at<double>(row, column) - mx * my;
      sum += (2 * mx * my + kC1) * (2 * covariance + kC2) /
             ((mx * mx + my * my + kC1) * (variances + kC2));
    }
  }
  return sum / static_cast<double>(mean_x.total());
}

SquaredError& SquaredError::operator+=(const SquaredError& other) {
  error += other.error;
  square += other.square;
  pixels += other.pixels;
  for (std::size_t colour = 0; colour < 3; ++colour) sum[colour] += other.sum[colour];
  return *this;
}

SquaredError squared_error(const Image& picture, const Image& reconstruction) {
  check_pair(picture, reconstruction);
  SquaredError sums;
  const std::size_t pixels = picture.pixels.size() / 3;
  for (std::size_t pixel = 0; pixel < pixels; ++pixel) {
    add_pixel(picture, reconstruction, pixel, sums);
  }
  return sums;
}

SquaredError squared_error(const Image& picture, const Image& reconstruction,
                           std::span<const Box> boxes) {
  check_pair(picture, reconstruction);
  std::vector<bool> inside(picture.pixels.size() / 3);
  for (const Box& box : boxes) mark(box, picture, inside);
  SquaredError sums;
  for (std::size_t pixel = 0; pixel < inside.size(); ++pixel) {
    if (inside[pixel]) add_pixel(picture, reconstruction, pixel, sums);
  }
  return sums;
}

double unexplained_variance(std::span<const SquaredError> pictures,
                            std::span<const double> weights) {
  check(pictures.size() == weights.size(), "as many weights as pictures are needed, got ",
        weights.size(), " and ", pictures.size());
  SquaredError all;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    SquaredError one = pictures[i];
    one.error *= weights[i];
    one.square *= weights[i];
    one.pixels *= weights[i];
    for (double& sum : one.sum) sum *= weights[i];
    all += one;
  }
  double variance = all.square;
  for (const double sum : all.sum) variance -= all.pixels > 0 ? sum * sum / all.pixels : 0;
  // Below this share the difference of the two sums is rounding, not variance.
  const bool varies = variance > 1e-12 * all.square;
  return varies ? all.error / variance : std::numeric_limits<double>::quiet_NaN();
}

double unexplained_variance(std::span<const SquaredError> pictures) {
  return unexplained_variance(pictures, std::vector<double>(pictures.size(), 1.0));
}

Measured unexplained_variance_estimate(std::span<const SquaredError> pictures,
                                       const Resampling& options) {
  return estimate(
      pictures.size(),
      [pictures](std::span<const double> weights) {
        return unexplained_variance(pictures, weights);
      },
      options);
}

}  // namespace scrim
