// The attackers that rebuild pictures: A1, linear in closed form, and A2, a network on top of it.
#pragma once

#include "audit/conditions.h"
#include "audit/normal_equations.h"
#include "audit/scenes.h"

#include <torch/nn/module.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace scrim {

// What a decoder reads and writes.
struct DecoderShape {
  std::int64_t channels = 0;      // of the activation
  int block = 8;                  // pixels of the target a cell spans, each way
  float clip = 1e30F;             // what the noise clips activations to
  std::int64_t width = 96;        // channels inside; multiples of 8
  std::int64_t upper_width = 64;  // at twice the cells' resolution; 0 for none
};

// Two 3x3 convolutions around x, normalised in groups of 8 channels (Wu and He, 2018).
struct ResidualBlockImpl : torch::nn::Module {
  ResidualBlockImpl(std::int64_t width, std::int64_t dilation);
  torch::Tensor forward(const torch::Tensor& x);

  torch::nn::GroupNorm norm1{nullptr}, norm2{nullptr};
  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr};
};
TORCH_MODULE(ResidualBlock);

// What the picture is beyond the linear estimate: blocks at the cells' resolution, a branch at half
// of it, then upwards. Its last layer starts at zero.
struct DecoderNetworkImpl : torch::nn::Module {
  explicit DecoderNetworkImpl(const DecoderShape& shape);
  // x: B x channels x h x w of unit variance; level: B, logit(alpha) / 3. Returns B x 3 x h block x
  // w block.
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& level);

  DecoderShape shape;
  torch::nn::Conv2d enter{nullptr}, rise{nullptr}, leave{nullptr};
  torch::nn::ModuleList first, half, last, upper;
};
TORCH_MODULE(DecoderNetwork);

// What the linear attacker learned.
struct LinearPart {
  torch::Tensor mean, variance;  // of the channels, 1 x K x 1 x 1
  struct Map {
    torch::Tensor weight, bias;  // of a 3x3 convolution to 3 block^2 channels
  };
  std::vector<Map> maps;  // by condition
};

// Estimates pictures from what crosses the cut, for each of a list of conditions.
//
// Pictures are B x 3 x H x W in units of 64 grey levels around 128. Inputs are scaled to unit
// variance under the condition; noise parameters are known, the draw is not.
class Decoder {
 public:
  Decoder(const DecoderShape& shape, std::vector<Condition> conditions);

  // Learns mean and variance of the channels and the linear estimate of every condition, the
  // optimum among those that see 3 x 3 cells (cells beyond the edge repeat it).
  struct Example {
    const Tensor* activation;
    const Image* target;
  };
  void fit_linear(const std::vector<Example>& examples, std::uint64_t seed);

  // What the condition gives of clean activations y (B x K x h x w), scaled for the decoder. Noise
  // comes from the tensor library's generator.
  torch::Tensor observe(const torch::Tensor& y, std::size_t condition) const;
  // Its mean, differentiable, and the deviation of its noise, 1 x K x 1 x 1.
  torch::Tensor expected(const torch::Tensor& y, std::size_t condition) const;
  torch::Tensor deviation(std::size_t condition) const;
  // An observation that was made elsewhere, as by Noise: scaled only.
  torch::Tensor scaled(const torch::Tensor& noisy, std::size_t condition) const;

  // A1 and A2, of an observation under the condition.
  torch::Tensor linear(const torch::Tensor& observed, std::size_t condition) const;
  torch::Tensor decode(const torch::Tensor& observed, std::size_t condition);
  // The network's part for a batch with a condition each.
  torch::Tensor beyond_linear(const torch::Tensor& observed,
                              const std::vector<std::size_t>& condition);

  DecoderNetwork& network() { return network_; }
  const DecoderNetwork& network() const { return network_; }
  const LinearPart& linear_part() const { return linear_; }
  // In place of fit_linear: one map for each condition.
  void set_linear_part(LinearPart part) { linear_ = std::move(part); }
  const std::vector<Condition>& conditions() const { return conditions_; }
  const DecoderShape& shape() const { return shape_; }

 private:
  torch::Tensor row(const std::vector<float>& values) const;
  torch::Tensor factor(std::size_t condition) const;  // to unit variance, 1 x K x 1 x 1
  void solve(NormalEquations& equations, std::size_t condition);

  DecoderShape shape_;
  std::vector<Condition> conditions_;
  LinearPart linear_;
  DecoderNetwork network_{nullptr};
};

// Between 8-bit pictures and the decoder's units.
torch::Tensor to_units(const Image& image);           // 1 x 3 x H x W
Image to_picture(const torch::Tensor& units);         // of 1 x 3 x H x W
torch::Tensor to_levels(const torch::Tensor& units);  // 0 to 255, not clamped
// A tensor of the public API, without a copy: valid as long as it is.
torch::Tensor view_of_activation(const Tensor& activation);
// The picture cut off, or continued by its edge, to this size.
Image fitted(const Image& image, int width, int height);

}  // namespace scrim
