#include "network/conv_unit.h"

#include <gtest/gtest.h>

#include <torch/types.h>

namespace scrim {
namespace {

// A unit in use, with statistics that do something.
ConvUnit random_unit(std::int64_t kernel, std::int64_t stride) {
  torch::manual_seed(7);
  ConvUnit unit(5, 6, kernel, stride, kernel / 2);
  const torch::NoGradGuard no_grad;
  unit->bn->running_mean.normal_(0, 0.3);
  unit->bn->running_var.uniform_(0.5, 2);
  unit->bn->weight.uniform_(-1.5, 1.5);
  unit->bn->bias.normal_(0, 0.3);
  unit->eval();
  return unit;
}

TEST(ConvUnit, FoldedConvolutionWithReluIsTheUnit) {
  const torch::NoGradGuard no_grad;
  for (const auto& [kernel, stride] : {std::pair{1, 1}, {3, 1}, {3, 2}, {7, 4}}) {
    ConvUnit unit = random_unit(kernel, stride);
    const torch::Tensor x = torch::randn({2, 5, 17, 23});
    const Convolution layer = folded(unit);
    const torch::Tensor y =
        torch::conv2d(x, layer.weight.to(torch::kFloat), layer.bias.to(torch::kFloat),
                      {layer.stride, layer.stride}, {layer.padding, layer.padding});
    // At most 245 products of order 1 in another order: some 1e-5 in float.
    EXPECT_LE((y.relu() - unit(x)).abs().max().item<double>(), 3e-5) << kernel << ' ' << stride;
    EXPECT_LE(
        (torch::cat({y, -y}, 1).relu() - unit->forward_both_signs(x)).abs().max().item<double>(),
        3e-5);
  }
}

}  // namespace
}  // namespace scrim
