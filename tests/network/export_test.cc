#include "network/export.h"

#include "network/script_file.h"
#include "support/expect_error.h"
#include "support/moved_encoder.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <torch/types.h>

#include <cmath>

namespace scrim {
namespace {

// A network whose batch normalisations do something, with activations of order 1.
FaceBoxes random_network(std::uint64_t seed) {
  torch::manual_seed(seed);
  FaceBoxes network;
  const torch::NoGradGuard no_grad;
  for (const auto& buffer : network->named_buffers()) {
    if (buffer.key().ends_with("running_mean")) buffer.value().normal_(0, 0.1);
    if (buffer.key().ends_with("running_var")) buffer.value().uniform_(0.5, 2);
  }
  for (const auto& parameter : network->named_parameters()) {
    if (parameter.key().ends_with("bn.weight")) parameter.value().uniform_(0.5, 1.5);
    if (parameter.key().ends_with("bias")) parameter.value().normal_(0, 0.1);
  }
  network->eval();
  return network;
}

std::vector<torch::Tensor> run_exported(torch::jit::Module module, const torch::Tensor& input) {
  const torch::NoGradGuard no_grad;
  const c10::IValue result = module.forward({input});
  if (result.isTensor()) return {result.toTensor()};
  std::vector<torch::Tensor> outputs;
  for (const c10::IValue& element : result.toTuple()->elements())
    outputs.push_back(element.toTensor());
  return outputs;
}

// Folding batch normalisation reorders float arithmetic: relative 1e-5 over some 15 layers.
void expect_same_export(const torch::Tensor& got, const torch::Tensor& expected) {
  ASSERT_EQ(got.sizes(), expected.sizes());
  const double scale = std::max(1.0, expected.abs().max().item<double>());
  EXPECT_LE((got - expected).abs().max().item<double>(), 1e-5 * scale);
}

// A code of K directions for N channels with no special structure.
NoiseParameters export_code(std::int64_t channels, std::int64_t directions) {
  NoiseParameters code;
  code.channels = channels;
  code.directions = directions;
  for (std::int64_t i = 0; i < channels; ++i) code.mean.push_back(0.01F * static_cast<float>(i));
  for (std::int64_t i = 0; i < channels * directions; ++i) {
    code.basis.push_back(0.1F * std::sin(static_cast<float>(i)));
    code.decode.push_back(0.1F * std::cos(static_cast<float>(i)));
  }
  return code;
}

torch::Tensor as_matrix(const std::vector<float>& values, std::int64_t rows) {
  return torch::tensor(values).view({rows, -1});
}

class EverySplitPoint : public testing::TestWithParam<std::string> {};

TEST_P(EverySplitPoint, ScriptedHalvesEqualTheModulesForAnySizeAndBatch) {
  FaceBoxes network = random_network(3);
  const torch::jit::Module head = script_head(network, GetParam());
  const torch::jit::Module tail = script_tail(network, GetParam());
  const torch::NoGradGuard no_grad;
  for (const auto& [batch, height, width] : {std::tuple{1, 128, 128}, {2, 99, 161}}) {
    const torch::Tensor input = torch::randn({batch, 3, height, width});
    const torch::Tensor activation = network->head(input, GetParam());
    const auto [loc, conf] = network->tail(activation, GetParam());
    expect_same_export(run_exported(head, input).at(0), activation);
    const auto outputs = run_exported(tail, activation);
    ASSERT_EQ(outputs.size(), 2U);
    expect_same_export(outputs[0], loc);
    expect_same_export(outputs[1], torch::softmax(conf, 2));
  }
}

INSTANTIATE_TEST_SUITE_P(Export, EverySplitPoint, testing::ValuesIn(FaceBoxesImpl::split_points()));

TEST(Export, TheSavedHeadProjectsOntoTheCode) {
  const TemporaryFolder folder;
  FaceBoxes network = random_network(4);
  const NoiseParameters code = export_code(128, 20);
  export_head(network, "inception3", code, folder / "head.pt");

  const torch::NoGradGuard no_grad;
  const torch::Tensor input = torch::randn({2, 3, 96, 160});
  const torch::Tensor activation = network->head(input, "inception3");
  const torch::Tensor centred = activation - torch::tensor(code.mean).view({1, -1, 1, 1});
  const torch::Tensor expected =
      torch::einsum("kn,bnhw->bkhw", {as_matrix(code.basis, 20), centred});
  expect_same_export(run_exported(load_script(folder / "head.pt"), input).at(0), expected);
}

TEST(Export, TheEncoderStandsBeforeTheCode) {
  FaceBoxes network = random_network(4);
  Encoder encoder = moved_encoder(128);
  const NoiseParameters code = export_code(128, 20);
  const torch::NoGradGuard no_grad;
  const torch::Tensor input = torch::randn({1, 3, 96, 160});
  const torch::Tensor activation = encoder(network->head(input, "inception3"));
  const torch::Tensor centred = activation - torch::tensor(code.mean).view({1, -1, 1, 1});
  const torch::Tensor expected =
      torch::einsum("kn,bnhw->bkhw", {as_matrix(code.basis, 20), centred});
  expect_same_export(run_exported(script_head(network, "inception3", &code, encoder), input).at(0),
                     expected);
}

TEST(Export, TheSavedTailDecodesFirst) {
  const TemporaryFolder folder;
  FaceBoxes network = random_network(5);
  const NoiseParameters code = export_code(128, 20);
  export_tail(network, "pool2", code, folder / "tail.pt");

  const torch::NoGradGuard no_grad;
  const torch::Tensor noisy = torch::randn({1, 20, 5, 4});
  const torch::Tensor decoded =
      torch::einsum("nk,bkhw->bnhw", {as_matrix(code.decode, 128), noisy}) +
      torch::tensor(code.mean).view({1, -1, 1, 1});
  const auto [loc, conf] = network->tail(decoded, "pool2");
  const auto outputs = run_exported(load_script(folder / "tail.pt"), noisy);
  expect_same_export(outputs.at(0), loc);
  expect_same_export(outputs.at(1), torch::softmax(conf, 2));
}

TEST(Export, TheScriptKeepsItsWeightsWhenTheNetworkChanges) {
  FaceBoxes network = random_network(6);
  const torch::Tensor input = torch::randn({1, 3, 64, 64});
  const torch::jit::Module head = script_head(network, "pool2");
  const torch::Tensor before = run_exported(head, input).at(0);
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : network->parameters()) parameter.zero_();
  EXPECT_TRUE(run_exported(head, input).at(0).equal(before));
}

TEST(Export, RefusesACodeOfOtherChannelsOrOfMissingNumbers) {
  const FaceBoxes network = random_network(7);
  NoiseParameters code = export_code(48, 8);
  expect_error(ErrorCode::kInvalidArgument, "48 channels, 'inception3' has 128",
               [&] { script_head(network, "inception3", &code); });
  EXPECT_NO_THROW(script_head(network, "pool1", &code));
  code.basis.pop_back();
  expect_error(ErrorCode::kInvalidArgument, "basis has 383 numbers",
               [&] { script_head(network, "pool1", &code); });
  expect_error(ErrorCode::kNotFound, "no split point named 'loc'",
               [&] { script_tail(network, "loc"); });
}

}  // namespace
}  // namespace scrim
