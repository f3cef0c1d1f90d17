#include "audit/normal_equations.h"

#include "base/check.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr std::size_t kRows = 256;  // samples summed in float32 before they join the float64 sum
constexpr std::size_t kTileHeight = 4;  // 4 x 8 sums fit into the registers of every x86-64
constexpr std::size_t kTileWidth = 8;

// The 4 x 8 products of columns i.. and j.. of `rows` (kRows x width), added to `products`.
void add_tile(const float* rows, std::size_t width, std::size_t i, std::size_t j,
              double* products) {
  float sums[kTileHeight][kTileWidth] = {};
  for (std::size_t row = 0; row < kRows; ++row) {
    const float* left = rows + row * width + i;
    const float* right = rows + row * width + j;
    for (std::size_t a = 0; a < kTileHeight; ++a) {
      for (std::size_t b = 0; b < kTileWidth; ++b) sums[a][b] += left[a] * right[b];
    }
  }
  for (std::size_t a = 0; a < kTileHeight; ++a) {
    for (std::size_t b = 0; b < kTileWidth; ++b) products[(i + a) * width + j + b] += sums[a][b];
  }
}

}  // namespace

NormalEquations::NormalEquations(std::size_t inputs, std::size_t outputs)
    : inputs_(inputs),
      outputs_(outputs),
      width_((inputs + outputs + kTileWidth - 1) / kTileWidth * kTileWidth),
      rows_(kRows * width_),
      products_(width_ * width_) {
  check(inputs > 0 && outputs > 0, "a least-squares problem needs inputs and outputs, got ", inputs,
        " and ", outputs);
}

void NormalEquations::add(std::span<const float> x, std::span<const float> y) {
  check(x.size() == inputs_ && y.size() == outputs_, "a sample must have ", inputs_, " inputs and ",
        outputs_, " outputs, got ", x.size(), " and ", y.size());
  const auto row = rows_.begin() + static_cast<std::ptrdiff_t>(pending_ * width_);
  std::copy(y.begin(), y.end(), std::copy(x.begin(), x.end(), row));
  ++samples_;
  if (++pending_ == kRows) flush();
}

// Every tile is summed by one thread in one order, so that the result does not depend on the
// number of threads.
void NormalEquations::flush() {
  std::fill(rows_.begin() + static_cast<std::ptrdiff_t>(pending_ * width_), rows_.end(), 0.0F);
  const int bands = static_cast<int>(width_ / kTileHeight);
  cv::parallel_for_(cv::Range(0, bands), [this](const cv::Range& range) {
    for (int band = range.start; band < range.end; ++band) {
      const std::size_t i = static_cast<std::size_t>(band) * kTileHeight;
      for (std::size_t j = i / kTileWidth * kTileWidth; j < width_; j += kTileWidth) {
        add_tile(rows_.data(), width_, i, j, products_.data());
      }
    }
  });
  pending_ = 0;
}

std::vector<float> NormalEquations::solve(double ridge) {
  const std::vector<double> ones(inputs_, 1.0), none(inputs_, 0.0);
  return solve_noisy(ridge, ones, none);
}

std::vector<float> NormalEquations::solve_noisy(double ridge, std::span<const double> scale,
                                                std::span<const double> variance) {
  check(samples_ > 0, "least squares needs samples, got none");
  check(scale.size() == inputs_ && variance.size() == inputs_, "noise of ", inputs_,
        " inputs needs as many scales and variances, got ", scale.size(), " and ", variance.size());
  flush();
  const int inputs = static_cast<int>(inputs_);
  const cv::Mat products(static_cast<int>(width_), static_cast<int>(width_), CV_64F,
                         products_.data());
  cv::Mat left = products(cv::Rect(0, 0, inputs, inputs)).clone();
  cv::completeSymm(left);
  cv::Mat right = products(cv::Rect(inputs, 0, static_cast<int>(outputs_), inputs)).clone();
  for (int i = 0; i < inputs; ++i) {
    const double factor = scale[static_cast<std::size_t>(i)];
    left.row(i) *= factor;
    left.col(i) *= factor;
    right.row(i) *= factor;
    left.at<double>(i, i) += static_cast<double>(samples_) * variance[static_cast<std::size_t>(i)];
  }
  const double added = ridge * cv::trace(left)[0] / inputs;
  check(std::isfinite(added), "least squares needs finite samples");
  // A problem without any variance has the answer 0, which the 1 makes solvable.
  left += cv::Mat::eye(inputs, inputs, CV_64F) * (added > 0 ? added : 1.0);
  cv::Mat weights;
  check(cv::solve(left, right, weights, cv::DECOMP_CHOLESKY), "least squares needs a ridge over ",
        ridge, " for these samples");
  cv::Mat narrow;
  weights.convertTo(narrow, CV_32F);
  return {narrow.begin<float>(), narrow.end<float>()};
}

}  // namespace scrim
