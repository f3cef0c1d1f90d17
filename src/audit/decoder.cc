#include "audit/decoder.h"

#include "audit/targets.h"
#include "base/check.h"
#include "base/random.h"
#include "data/mat.h"

#include <torch/nn/functional.h>
#include <torch/nn/init.h>
#include <torch/types.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

namespace F = torch::nn::functional;
namespace nn = torch::nn;

constexpr double kUnit = 64;     // grey levels
constexpr double kMiddle = 128;  // the level that is 0
constexpr double kRidge = 1e-6;
// Fewer samples than ten an input leave directions without variance, which rounding makes negative.
constexpr double kRidgeOfFew = 1e-3;
constexpr std::size_t kCellsForLinear = 40'000;
constexpr std::uint64_t kCellPurpose = 41;
constexpr std::int64_t kGroup = 8;  // channels that are normalised together

nn::Conv2d conv3x3(std::int64_t in, std::int64_t out, std::int64_t dilation = 1) {
  return nn::Conv2d(nn::Conv2dOptions(in, out, 3).padding(dilation).dilation(dilation));
}

nn::GroupNorm group_norm(std::int64_t width) {
  return nn::GroupNorm(nn::GroupNormOptions(width / kGroup, width));
}

torch::Tensor run(nn::ModuleList& blocks, torch::Tensor x) {
  for (const auto& block : *blocks) x = block->as<ResidualBlock>()->forward(x);
  return x;
}

torch::Tensor twice(const torch::Tensor& x, torch::IntArrayRef size) {
  return F::interpolate(x, F::InterpolateFuncOptions().size(size.vec()).mode(torch::kNearest));
}

// The 3x3 cells of every channel around a cell, less their mean, then the constant 1.
void gather(const Tensor& activation, int row, int column, const float* mean,
            std::vector<float>& features) {
  const auto channels = static_cast<std::size_t>(activation.shape[1]);
  const int rows = static_cast<int>(activation.shape[2]);
  const int columns = static_cast<int>(activation.shape[3]);
  features.resize(9 * channels + 1);
  std::size_t next = 0;
  for (std::size_t k = 0; k < channels; ++k) {
    const float* map = activation.values.data() + k * static_cast<std::size_t>(rows * columns);
    for (int dy = -1; dy <= 1; ++dy) {
      const float* line = map + std::clamp(row + dy, 0, rows - 1) * columns;
      for (int dx = -1; dx <= 1; ++dx) {
        features[next++] = line[std::clamp(column + dx, 0, columns - 1)] - mean[k];
      }
    }
  }
  features[next] = 1.0F;
}

// The cell's pixels in the order of pixel_shuffle: colour, then row, then column.
void block_at(const Image& target, int row, int column, int block, std::vector<float>& values) {
  values.clear();
  for (int colour = 0; colour < 3; ++colour) {
    for (int y = row * block; y < (row + 1) * block; ++y) {
      for (int x = column * block; x < (column + 1) * block; ++x) {
        const auto at = static_cast<std::size_t>((y * target.width + x) * 3 + colour);
        values.push_back(static_cast<float>((target.pixels[at] - kMiddle) / kUnit));
      }
    }
  }
}

}  // namespace

ResidualBlockImpl::ResidualBlockImpl(std::int64_t width, std::int64_t dilation)
    : norm1(register_module("norm1", group_norm(width))),
      norm2(register_module("norm2", group_norm(width))),
      conv1(register_module("conv1", conv3x3(width, width))),
      conv2(register_module("conv2", conv3x3(width, width, dilation))) {}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x) {
  const auto inside = conv1(torch::silu(norm1(x)));
  return x + conv2(torch::silu(norm2(inside)));
}

DecoderNetworkImpl::DecoderNetworkImpl(const DecoderShape& decoder_shape) : shape(decoder_shape) {
  const std::int64_t width = shape.width;
  enter = register_module("enter", conv3x3(shape.channels + 1, width));
  for (auto* blocks : {&first, &half, &last, &upper}) *blocks = nn::ModuleList();
  for (int i = 0; i < 3; ++i) first->push_back(ResidualBlock(width, 2));
  for (int i = 0; i < 2; ++i) half->push_back(ResidualBlock(width, 1));
  for (int i = 0; i < 2; ++i) last->push_back(ResidualBlock(width, 1));
  register_module("first", first);
  register_module("half", half);
  register_module("last", last);
  const bool rises = shape.upper_width > 0 && shape.block % 2 == 0;
  if (!rises) shape.upper_width = 0;
  const std::int64_t step = rises ? shape.block / 2 : shape.block;
  if (rises) {
    rise = register_module("rise", conv3x3(width, shape.upper_width));
    upper->push_back(ResidualBlock(shape.upper_width, 1));
  }
  register_module("upper", upper);
  leave = register_module("leave", conv3x3(rises ? shape.upper_width : width, 3 * step * step));
  nn::init::zeros_(leave->weight);
  nn::init::zeros_(leave->bias);
}

torch::Tensor DecoderNetworkImpl::forward(const torch::Tensor& x, const torch::Tensor& level) {
  const auto plane = level.view({-1, 1, 1, 1}).expand({x.size(0), 1, x.size(2), x.size(3)});
  auto y = run(first, enter(torch::cat({x, plane}, 1)));
  const auto small = run(half, F::avg_pool2d(y, F::AvgPool2dFuncOptions(2).ceil_mode(true)));
  y = run(last, y + twice(small, {y.size(2) * 2, y.size(3) * 2})
                        .slice(2, 0, y.size(2))
                        .slice(3, 0, y.size(3)));
  if (shape.upper_width == 0) return torch::pixel_shuffle(leave(torch::silu(y)), shape.block);
  y = run(upper, rise(torch::silu(twice(y, {y.size(2) * 2, y.size(3) * 2}))));
  return torch::pixel_shuffle(leave(torch::silu(y)), shape.block / 2);
}

Decoder::Decoder(const DecoderShape& shape, std::vector<Condition> conditions)
    : shape_(shape), conditions_(std::move(conditions)), network_(shape) {
  check(!conditions_.empty(), "a decoder needs at least one condition");
}

torch::Tensor Decoder::row(const std::vector<float>& values) const {
  return torch::tensor(values).view({1, -1, 1, 1});
}

void Decoder::fit_linear(const std::vector<Example>& examples, std::uint64_t seed) {
  check(!examples.empty(), "a decoder needs at least one example");
  std::vector<double> sum(static_cast<std::size_t>(shape_.channels)), square(sum.size());
  double cells = 0;
  for (const Example& example : examples) {
    const auto y = view_of_activation(*example.activation).clamp(-shape_.clip, shape_.clip);
    const auto sums = y.sum({0, 2, 3}, false, torch::kFloat64).contiguous();
    const auto squares = y.square().sum({0, 2, 3}, false, torch::kFloat64).contiguous();
    for (std::size_t k = 0; k < sum.size(); ++k) {
      sum[k] += sums.data_ptr<double>()[k];
      square[k] += squares.data_ptr<double>()[k];
    }
    cells += static_cast<double>(y.size(2) * y.size(3));
  }
  std::vector<float> mean, variance;
  for (std::size_t k = 0; k < sum.size(); ++k) {
    const double m = sum[k] / cells, v = square[k] / cells - m * m;
    mean.push_back(static_cast<float>(m));
    // A channel that never varies keeps its scale, and its zeros.
    variance.push_back(v > 1e-10 ? static_cast<float>(v) : 1.0F);
  }
  linear_.mean = row(mean);
  linear_.variance = row(variance);

  NormalEquations equations(static_cast<std::size_t>(9 * shape_.channels + 1),
                            static_cast<std::size_t>(3 * shape_.block * shape_.block));
  const double share = std::min(1.0, static_cast<double>(kCellsForLinear) / cells);
  Random random(seed, kCellPurpose, 0);
  std::vector<float> features, pixels;
  for (const Example& example : examples) {
    const int rows = static_cast<int>(example.activation->shape[2]);
    const int columns = static_cast<int>(example.activation->shape[3]);
    const Image target = fitted(*example.target, columns * shape_.block, rows * shape_.block);
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        if (!random.chance(share)) continue;
        gather(*example.activation, row, column, mean.data(), features);
        for (float& value : features) value = std::clamp(value, -shape_.clip, shape_.clip);
        block_at(target, row, column, shape_.block, pixels);
        equations.add(features, pixels);
      }
    }
  }
  linear_.maps.clear();
  for (std::size_t i = 0; i < conditions_.size(); ++i) solve(equations, i);
}

// The estimate of pixels from (scale (y - mean) + sigma z) / deviation: noise of every cell is
// independent, so that its variance joins the diagonal of the normal equations.
void Decoder::solve(NormalEquations& equations, std::size_t condition) {
  const Condition& seen = conditions_[condition];
  const float* variance = linear_.variance.data_ptr<float>();
  std::vector<double> scale, noise;
  for (std::size_t k = 0; k < seen.scale.size(); ++k) {
    const double s = seen.scale[k], sigma = seen.sigma[k];
    const double total = s * s * variance[k] + sigma * sigma;
    for (int cell = 0; cell < 9; ++cell) {
      scale.push_back(total > 0 ? s / std::sqrt(total) : 0);
      noise.push_back(total > 0 ? sigma * sigma / total : 0);
    }
  }
  scale.push_back(1);
  noise.push_back(0);
  const double ridge = equations.samples() < 10 * scale.size() ? kRidgeOfFew : kRidge;
  const std::vector<float> solution = equations.solve_noisy(ridge, scale, noise);
  const std::int64_t outputs = 3 * shape_.block * shape_.block;
  const auto all = torch::tensor(solution).view({-1, outputs});
  const std::int64_t inputs = 9 * shape_.channels;
  linear_.maps.push_back({all.narrow(0, 0, inputs).t().reshape({outputs, shape_.channels, 3, 3}),
                          all[inputs].clone()});
}

torch::Tensor Decoder::factor(std::size_t condition) const {
  const Condition& seen = conditions_.at(condition);
  const auto total = row(seen.scale).square() * linear_.variance + row(seen.sigma).square();
  return torch::where(total > 0, total.clamp_min(1e-30).rsqrt(), 0 * total);
}

torch::Tensor Decoder::scaled(const torch::Tensor& noisy, std::size_t condition) const {
  return (noisy - row(conditions_.at(condition).scale) * linear_.mean) * factor(condition);
}

torch::Tensor Decoder::expected(const torch::Tensor& y, std::size_t condition) const {
  return scaled(row(conditions_.at(condition).scale) * y.clamp(-shape_.clip, shape_.clip),
                condition);
}

torch::Tensor Decoder::deviation(std::size_t condition) const {
  return row(conditions_.at(condition).sigma) * factor(condition);
}

torch::Tensor Decoder::observe(const torch::Tensor& y, std::size_t condition) const {
  return expected(y, condition) + deviation(condition) * torch::randn(y.sizes());
}

torch::Tensor Decoder::linear(const torch::Tensor& observed, std::size_t condition) const {
  const LinearPart::Map& map = linear_.maps.at(condition);
  const auto padded = F::pad(observed, F::PadFuncOptions({1, 1, 1, 1}).mode(torch::kReplicate));
  return torch::pixel_shuffle(torch::conv2d(padded, map.weight, map.bias), shape_.block);
}

torch::Tensor Decoder::beyond_linear(const torch::Tensor& observed,
                                     const std::vector<std::size_t>& condition) {
  std::vector<float> levels;
  for (const std::size_t c : condition) levels.push_back(level_of(conditions_.at(c)));
  return network_(observed, torch::tensor(levels));
}

torch::Tensor Decoder::decode(const torch::Tensor& observed, std::size_t condition) {
  const std::vector<std::size_t> all(static_cast<std::size_t>(observed.size(0)), condition);
  return linear(observed, condition) + beyond_linear(observed, all);
}

torch::Tensor to_units(const Image& image) {
  const auto bytes = torch::from_blob(const_cast<std::uint8_t*>(image.pixels.data()),
                                      {1, image.height, image.width, 3}, torch::kUInt8);
  return (bytes.permute({0, 3, 1, 2}).to(torch::kFloat32) - kMiddle) / kUnit;
}

torch::Tensor to_levels(const torch::Tensor& units) { return units * kUnit + kMiddle; }

Image to_picture(const torch::Tensor& units) {
  const auto bytes = to_levels(units.detach())
                         .clamp(0, 255)
                         .round()
                         .to(torch::kUInt8)
                         .squeeze(0)
                         .permute({1, 2, 0})
                         .contiguous();
  const auto* values = bytes.data_ptr<std::uint8_t>();
  return {static_cast<int>(bytes.size(1)),
          static_cast<int>(bytes.size(0)),
          {values, values + bytes.numel()}};
}

torch::Tensor view_of_activation(const Tensor& activation) {
  return torch::from_blob(const_cast<float*>(activation.values.data()), activation.shape,
                          torch::kFloat32);
}

Image fitted(const Image& image, int width, int height) {
  if (image.width == width && image.height == height) return image;
  const cv::Mat all = view(image);
  const cv::Mat cut =
      all(cv::Rect(0, 0, std::min(width, image.width), std::min(height, image.height)));
  cv::Mat whole;
  cv::copyMakeBorder(cut, whole, 0, height - cut.rows, 0, width - cut.cols, cv::BORDER_REPLICATE);
  return to_image(whole);
}

}  // namespace scrim
