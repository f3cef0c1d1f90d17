#include "network/conv_unit.h"

#include <torch/nn/init.h>

namespace scrim {

namespace nn = torch::nn;

ConvUnitImpl::ConvUnitImpl(std::int64_t in, std::int64_t out, std::int64_t kernel,
                           std::int64_t stride, std::int64_t padding)
    : conv(register_module(
          "conv",
          nn::Conv2d(
              nn::Conv2dOptions(in, out, kernel).stride(stride).padding(padding).bias(false)))),
      bn(register_module("bn", nn::BatchNorm2d(nn::BatchNorm2dOptions(out).eps(1e-5)))) {
  nn::init::kaiming_normal_(conv->weight, 0.0, torch::kFanIn, torch::kReLU);
}

torch::Tensor ConvUnitImpl::forward(const torch::Tensor& x) { return bn(conv(x)).relu_(); }

torch::Tensor ConvUnitImpl::forward_both_signs(const torch::Tensor& x) {
  const torch::Tensor y = bn(conv(x));
  return torch::cat({y, -y}, 1).relu_();
}

Convolution folded(const ConvUnit& unit) {
  const nn::BatchNorm2d& bn = unit->bn;
  const torch::Tensor gain = bn->weight.to(torch::kFloat64) /
                             torch::sqrt(bn->running_var.to(torch::kFloat64) + bn->options.eps());
  const torch::Tensor weight = unit->conv->weight.to(torch::kFloat64) * gain.view({-1, 1, 1, 1});
  const torch::Tensor bias =
      bn->bias.to(torch::kFloat64) - bn->running_mean.to(torch::kFloat64) * gain;
  // Every kernel here is odd and padded to keep the size before the stride.
  return {weight, bias, unit->conv->options.stride()->at(0), unit->conv->weight.size(2) / 2};
}

}  // namespace scrim
