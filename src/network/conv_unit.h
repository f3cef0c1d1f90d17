// The layer that our networks are made of: convolution, batch normalisation, ReLU.
#pragma once

#include "network/script_writer.h"

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

namespace scrim {

// A convolution without bias, its batch normalisation (eps 1e-5, momentum 0.1), and a ReLU.
struct ConvUnitImpl : torch::nn::Module {
  ConvUnitImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1,
               std::int64_t padding = 0);
  torch::Tensor forward(const torch::Tensor& x);
  // ReLU of (y, -y) along the channels, twice as many as forward gives: FaceBoxes' C.ReLU.
  torch::Tensor forward_both_signs(const torch::Tensor& x);

  torch::nn::Conv2d conv{nullptr};
  torch::nn::BatchNorm2d bn{nullptr};
};
TORCH_MODULE(ConvUnit);

// Convolution and batch normalisation as one convolution, in double: the fold itself costs no
// accuracy. w' = w g / s, b' = beta - mu g / s, with s = sqrt(var + eps).
Convolution folded(const ConvUnit& unit);

}  // namespace scrim
