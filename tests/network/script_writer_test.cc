#include "network/script_writer.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

torch::Tensor run_written(torch::jit::Module module, const torch::Tensor& input) {
  const torch::NoGradGuard no_grad;
  return module.forward({input}).toTensor();
}

TEST(ScriptWriter, WritesAConvolutionWithAndWithoutBias) {
  const torch::Tensor weight = torch::randn({5, 3, 3, 3});
  const torch::Tensor bias = torch::randn({5});
  const torch::Tensor input = torch::randn({2, 3, 9, 12});
  ScriptWriter with_bias("WithBias");
  const std::string y = with_bias.convolution(ScriptWriter::kInput, {weight, bias, 2, 1});
  EXPECT_TRUE(
      run_written(with_bias.finish({y}), input).equal(torch::conv2d(input, weight, bias, 2, 1)));
  ScriptWriter without("Without");
  const std::string z = without.convolution(ScriptWriter::kInput, {weight, {}, 1, 0});
  EXPECT_TRUE(run_written(without.finish({z}), input).equal(torch::conv2d(input, weight)));
}

TEST(ScriptWriter, TheMaximumRoundsSizesDown) {
  ScriptWriter writer("MaxPool");
  const torch::Tensor pooled = run_written(writer.finish({writer.max_pool(ScriptWriter::kInput)}),
                                           torch::zeros({1, 1, 6, 9}));
  EXPECT_EQ(pooled.size(2), 3);
  EXPECT_EQ(pooled.size(3), 5);
}

TEST(ScriptWriter, TheAverageDividesByNineInTheCornerToo) {
  ScriptWriter writer("AveragePool");
  const torch::Tensor average = run_written(
      writer.finish({writer.average_pool(ScriptWriter::kInput)}), torch::ones({1, 1, 3, 3}));
  EXPECT_FLOAT_EQ(average[0][0][0][0].item<float>(), 4.0F / 9.0F);
  EXPECT_FLOAT_EQ(average[0][0][1][1].item<float>(), 1.0F);
}

TEST(ScriptWriter, FlattensCellsRowByRowWithTheBoxesInside) {
  // Channel c of cell (i, j) holds 100 c + 10 i + j: two boxes of two values.
  const torch::Tensor c = 100 * torch::arange(4).view({1, 4, 1, 1});
  const torch::Tensor i = 10 * torch::arange(2).view({1, 1, 2, 1});
  const torch::Tensor j = torch::arange(3).view({1, 1, 1, 3});
  ScriptWriter writer("Cells");
  const torch::Tensor flat =
      run_written(writer.finish({writer.flatten_cells(ScriptWriter::kInput, 2)}), c + i + j);
  ASSERT_EQ(flat.sizes(), (std::vector<std::int64_t>{1, 12, 2}));
  EXPECT_TRUE(flat[0][0].equal(torch::tensor({0, 100})));
  EXPECT_TRUE(flat[0][1].equal(torch::tensor({200, 300})));
  EXPECT_TRUE(flat[0][2].equal(torch::tensor({1, 101})));
  EXPECT_TRUE(flat[0][11].equal(torch::tensor({212, 312})));
}

TEST(ScriptWriter, JoinsSlicesAndAddsPerChannel) {
  const torch::Tensor input = torch::randn({2, 4, 3, 3});
  const torch::Tensor bias = torch::tensor({1.0F, 2.0F, 3.0F, 4.0F});
  ScriptWriter writer("Swap");
  const std::string added = writer.add_per_channel(ScriptWriter::kInput, bias);
  const std::string first = writer.channels(added, 0, 1);
  const std::string rest = writer.negative(writer.channels(added, 1, 4));
  const std::string joined = writer.relu(writer.concatenate({rest, first}, 1));
  const torch::Tensor sum = input + bias.view({1, 4, 1, 1});
  const torch::Tensor expected =
      torch::relu(torch::cat({-sum.slice(1, 1, 4), sum.slice(1, 0, 1)}, 1));
  EXPECT_TRUE(run_written(writer.finish({joined}), input).equal(expected));
}

TEST(ScriptWriter, MeanOverCellsLeavesBatchAndChannels) {
  const torch::Tensor input = torch::randn({2, 3, 4, 5});
  ScriptWriter writer("Mean");
  const std::string mean = writer.mean_over_cells(ScriptWriter::kInput);
  EXPECT_TRUE(run_written(writer.finish({mean}), input).equal(input.mean({2, 3})));
}

TEST(ScriptWriter, SeveralResultsAreATuple) {
  ScriptWriter writer("Two");
  const std::string half = writer.sigmoid(ScriptWriter::kInput);
  torch::jit::Module module = writer.finish({ScriptWriter::kInput, half});
  const auto result = module.forward({torch::zeros({1})}).toTuple()->elements();
  ASSERT_EQ(result.size(), 2U);
  EXPECT_EQ(result[1].toTensor().item<float>(), 0.5F);
}

}  // namespace
}  // namespace scrim
