#include "network/weight_file.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <limits>

namespace scrim {
namespace {

TEST(WeightFile, ParametersAndBuffersComeBackBitForBit) {
  torch::nn::BatchNorm2d one(torch::nn::BatchNorm2dOptions(4)), other(4);
  const torch::NoGradGuard no_grad;
  one->running_var.uniform_(0.5, 2);
  one->weight.normal_();
  copy_weights(*other, weights_of(*one), "the layer");
  EXPECT_TRUE(other->running_var.equal(one->running_var));
  EXPECT_TRUE(other->weight.equal(one->weight));
  EXPECT_EQ(weights_of(*one).tensors.size(), 5U);  // with the number of batches
}

TEST(WeightFile, RefusesWhatDoesNotFitAndLeavesTheNetworkAsItWas) {
  torch::nn::Linear layer(3, 2);
  const torch::Tensor before = layer->weight.detach().clone();
  const Safetensors good = weights_of(*torch::nn::Linear(3, 2));
  const auto refused = [&](const Safetensors& weights, const std::string& part) {
    expect_error(ErrorCode::kCorrupt, part, [&] { copy_weights(*layer, weights, "the layer"); });
    EXPECT_TRUE(layer->weight.equal(before));
  };
  Safetensors weights = good;
  weights.tensors.erase("bias");
  refused(weights, "bias");
  weights = good;
  weights.tensors["more"] = Tensor{{1}, {0}};
  refused(weights, "the layer has no weight 'more'");
  weights = good;
  weights.tensors["weight"].shape = {3, 2};
  refused(weights, "weight 'weight' is 3x2, the layer needs 2x3");
  weights = good;
  weights.tensors["bias"].values[1] = std::numeric_limits<float>::quiet_NaN();
  refused(weights, "'bias' holds a value that is not finite");
}

}  // namespace
}  // namespace scrim
