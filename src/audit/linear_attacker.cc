#include <scrim/audit.h>

#include "audit/normal_equations.h"
#include "audit/targets.h"
#include "base/check.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace scrim {
namespace {

constexpr int kBlock = 4;                      // pixels a cell, each way
constexpr int kOutputs = kBlock * kBlock * 3;  // of one cell: 4 x 4 x (B, G, R)
constexpr double kRidgeOfScaled = 1e-6;  // of the mean variance, which is near 1 after scaling
constexpr double kBestPsnr = 99;         // dB; keeps the mean finite where nothing is missed

struct Grid {
  std::int64_t channels;
  int height, width;
};

Grid cells_of(const Tensor& activation) {
  const Shape& shape = activation.shape;
  check(shape.size() == 4 && shape[0] == 1 && element_count(shape) > 0 &&
            element_count(shape) == static_cast<std::int64_t>(activation.values.size()),
        "the attacker needs activations of 1 x K x H x W, got ", shape.size(), " dimensions and ",
        activation.values.size(), " values");
  return {shape[1], static_cast<int>(shape[2]), static_cast<int>(shape[3])};
}

cv::Mat target_for(const Image& picture, const Grid& grid, std::int64_t stride) {
  return target_of(picture, {grid.height, grid.width, stride, kBlock});
}

std::array<float, kOutputs> target_at(const cv::Mat& target, int row, int column) {
  std::array<float, kOutputs> block;
  for (int y = 0; y < kBlock; ++y) {
    const float* line = target.ptr<float>(row * kBlock + y) + column * kBlock * 3;
    std::copy_n(line, kBlock * 3, block.begin() + y * kBlock * 3);
  }
  return block;
}

// The 3x3 cells of every channel, then the constant 1.
void gather_cells(const Tensor& activation, const Grid& grid, int row, int column,
                  std::vector<float>& features) {
  features.resize(static_cast<std::size_t>(9 * grid.channels + 1));
  std::size_t next = 0;
  for (std::int64_t channel = 0; channel < grid.channels; ++channel) {
    const float* map = activation.values.data() + channel * grid.height * grid.width;
    for (int dy = -1; dy <= 1; ++dy) {
      const float* line = map + std::clamp(row + dy, 0, grid.height - 1) * grid.width;
      for (int dx = -1; dx <= 1; ++dx) {
        features[next++] = line[std::clamp(column + dx, 0, grid.width - 1)];
      }
    }
  }
  features[next] = 1.0F;
}

template <typename Function>  // called with the row and the column of each cell
void for_each_cell(const Grid& grid, Function function) {
  for (int row = 0; row < grid.height; ++row) {
    for (int column = 0; column < grid.width; ++column) function(row, column);
  }
}

void check_pairs(const std::vector<Tensor>& activations, const std::vector<Image>& pictures) {
  check(!activations.empty() && activations.size() == pictures.size(),
        "the attacker needs as many pictures as activations and at least one, got ",
        pictures.size(), " and ", activations.size());
}

// Mean and 1/deviation of each channel; 0 for a channel that does not vary.
struct Scaling {
  std::vector<double> mean, factor;
};

Scaling scaling_of(const std::vector<Tensor>& activations, std::int64_t channels) {
  std::vector<double> sum(static_cast<std::size_t>(channels)), square(sum.size());
  double count = 0;
  for (const Tensor& activation : activations) {
    const Grid grid = cells_of(activation);
    check(grid.channels == channels, "the attacker needs ", channels,
          " channels in every activation, got ", grid.channels);
    const auto cells = static_cast<std::size_t>(grid.height) * static_cast<std::size_t>(grid.width);
    for (std::size_t i = 0; i < activation.values.size(); ++i) {
      const double value = activation.values[i];
      sum[i / cells] += value;
      square[i / cells] += value * value;
    }
    count += static_cast<double>(cells);
  }
  Scaling scaling{std::vector<double>(sum.size()), std::vector<double>(sum.size())};
  for (std::size_t k = 0; k < sum.size(); ++k) {
    scaling.mean[k] = sum[k] / count;
    const double variance = square[k] / count - scaling.mean[k] * scaling.mean[k];
    // Below this share of the mean square the difference is rounding, not variance.
    scaling.factor[k] = variance > 1e-12 * square[k] / count ? 1 / std::sqrt(variance) : 0;
  }
  return scaling;
}

Tensor standardised(Tensor activation, const Scaling& scaling) {
  const std::size_t cells = activation.values.size() / scaling.mean.size();
  for (std::size_t i = 0; i < activation.values.size(); ++i) {
    const double value = activation.values[i];
    activation.values[i] =
        static_cast<float>((value - scaling.mean[i / cells]) * scaling.factor[i / cells]);
  }
  return activation;
}

// Weights for scaled activations become weights for activations as they are.
void fold(const Scaling& scaling, std::vector<float>& weights) {
  float* constant = weights.data() + weights.size() - kOutputs;
  for (std::size_t feature = 0; feature < 9 * scaling.mean.size(); ++feature) {
    const std::size_t k = feature / 9;
    for (std::size_t output = 0; output < kOutputs; ++output) {
      float& weight = weights[feature * kOutputs + output];
      weight = static_cast<float>(weight * scaling.factor[k]);
      constant[output] -= static_cast<float>(weight * scaling.mean[k]);
    }
  }
}

cv::Mat reconstruct(const Tensor& activation, const Grid& grid, const std::vector<float>& weights) {
  cv::Mat picture(grid.height * kBlock, grid.width * kBlock, CV_32FC3);
  std::vector<float> features;
  for_each_cell(grid, [&](int row, int column) {
    gather_cells(activation, grid, row, column, features);
    std::array<double, kOutputs> block{};
    for (std::size_t i = 0; i < features.size(); ++i) {
      const float* line = weights.data() + i * kOutputs;
      for (std::size_t o = 0; o < kOutputs; ++o)
        block[o] += static_cast<double>(features[i]) * line[o];
    }
    for (int o = 0; o < kOutputs; ++o) {
      const int y = o / (kBlock * 3), x = o % (kBlock * 3);
      picture.ptr<float>(row * kBlock + y)[column * kBlock * 3 + x] =
          static_cast<float>(std::clamp(block[static_cast<std::size_t>(o)], 0.0, 255.0));
    }
  });
  return picture;
}

}  // namespace

LinearAttacker LinearAttacker::fit(const std::vector<Tensor>& activations,
                                   const std::vector<Image>& pictures, std::int64_t stride) {
  check_pairs(activations, pictures);
  check(stride >= kBlock, "a cell must span at least ", kBlock, " pixels, got ", stride);
  const std::int64_t channels = cells_of(activations.front()).channels;
  const Scaling scaling = scaling_of(activations, channels);
  NormalEquations equations(static_cast<std::size_t>(9 * channels + 1), kOutputs);
  std::vector<float> features;
  for (std::size_t i = 0; i < activations.size(); ++i) {
    const Grid grid = cells_of(activations[i]);
    const Tensor activation = standardised(activations[i], scaling);
    const cv::Mat target = target_for(pictures[i], grid, stride);
    for_each_cell(grid, [&](int row, int column) {
      gather_cells(activation, grid, row, column, features);
      equations.add(features, target_at(target, row, column));
    });
  }
  std::vector<float> weights = equations.solve(kRidgeOfScaled);
  fold(scaling, weights);
  return {channels, stride, std::move(weights)};
}

Image LinearAttacker::reconstruction(const Tensor& activation) const {
  const Grid grid = cells_of(activation);
  check(grid.channels == channels_, "the attacker was trained on ", channels_, " channels, got ",
        grid.channels);
  return to_picture(reconstruct(activation, grid, weights_));
}

Image LinearAttacker::target(const Image& picture, const Tensor& activation) const {
  return to_picture(target_for(picture, cells_of(activation), stride_));
}

Leakage LinearAttacker::measure(const std::vector<Tensor>& activations,
                                const std::vector<Image>& pictures) const {
  check_pairs(activations, pictures);
  double error = 0, psnr = 0, count = 0;
  cv::Scalar sum, square;
  for (std::size_t i = 0; i < activations.size(); ++i) {
    const Grid grid = cells_of(activations[i]);
    check(grid.channels == channels_, "the attacker was trained on ", channels_, " channels, got ",
          grid.channels);
    const cv::Mat target = target_for(pictures[i], grid, stride_);
    const double missed =
        cv::norm(target, reconstruct(activations[i], grid, weights_), cv::NORM_L2SQR);
    const double mean_square = missed / static_cast<double>(target.total() * 3);
    psnr += mean_square > 0 ? std::min(kBestPsnr, 10 * std::log10(255.0 * 255.0 / mean_square))
                            : kBestPsnr;
    error += missed;
    sum += cv::sum(target);
    square += cv::sum(target.mul(target));
    count += static_cast<double>(target.total());
  }
  double variance = 0;
  for (int colour = 0; colour < 3; ++colour)
    variance += square[colour] - sum[colour] * sum[colour] / count;
  check(variance > 0, "the pictures must differ from one even colour to measure what is explained");
  const auto total = static_cast<std::int64_t>(activations.size());
  return {psnr / static_cast<double>(total), error / variance, total};
}

}  // namespace scrim
