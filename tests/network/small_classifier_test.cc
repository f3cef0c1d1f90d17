#include "network/small_classifier.h"

#include <scrim/network.h>

#include "network/script_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <torch/types.h>

#include <cmath>

namespace scrim {
namespace {

SmallClassifier random_classifier(std::vector<std::string> names = {"a", "b", "c"}) {
  torch::manual_seed(5);
  SmallClassifier network(std::move(names));
  const torch::NoGradGuard no_grad;
  for (const auto& buffer : network->named_buffers()) {
    if (buffer.key().ends_with("running_mean")) buffer.value().normal_(0, 0.1);
    if (buffer.key().ends_with("running_var")) buffer.value().uniform_(0.5, 2);
  }
  network->eval();
  return network;
}

torch::Tensor run_classifier(torch::jit::Module module, const torch::Tensor& input) {
  const torch::NoGradGuard no_grad;
  return module.forward({input}).toTensor();
}

// Folding batch normalisation reorders float arithmetic: relative 1e-5 over five layers.
void expect_same_answer(const torch::Tensor& got, const torch::Tensor& expected) {
  ASSERT_EQ(got.sizes(), expected.sizes());
  const double scale = std::max(1.0, expected.abs().max().item<double>());
  EXPECT_LE((got - expected).abs().max().item<double>(), 1e-5 * scale);
}

class EveryUnit : public testing::TestWithParam<std::string> {};

TEST_P(EveryUnit, HalvesAndTheirScriptsEqualTheWholeForAnySizeAndBatch) {
  SmallClassifier network = random_classifier();
  const torch::NoGradGuard no_grad;
  for (const auto& [batch, height, width] : {std::tuple{1, 64, 64}, {2, 45, 99}}) {
    const torch::Tensor input = torch::randn({batch, 3, height, width});
    const torch::Tensor activation = network->head(input, GetParam());
    EXPECT_EQ(activation.size(1), SmallClassifierImpl::channels_at(GetParam()));
    const auto stride = SmallClassifierImpl::stride_at(GetParam());
    EXPECT_EQ(activation.size(3), (width + stride - 1) / stride);
    const torch::Tensor logits = network(input);
    EXPECT_EQ(logits.sizes(), (std::vector<std::int64_t>{batch, 3}));
    EXPECT_TRUE(network->tail(activation, GetParam()).equal(logits));
    expect_same_answer(run_classifier(script_head(network, GetParam()), input), activation);
    expect_same_answer(run_classifier(script_tail(network, GetParam()), activation), logits);
  }
}

TEST_P(EveryUnit, AFullCodeChangesNothing) {
  SmallClassifier network = random_classifier();
  NoiseParameters code;
  code.channels = code.directions = SmallClassifierImpl::channels_at(GetParam());
  for (std::int64_t i = 0; i < code.channels; ++i) {
    code.mean.push_back(0.1F * static_cast<float>(i % 5));
    for (std::int64_t j = 0; j < code.channels; ++j) {
      code.basis.push_back(i == j ? 2.0F : 0.0F);
      code.decode.push_back(i == j ? 0.5F : 0.0F);
    }
  }
  const torch::Tensor input = torch::randn({2, 3, 64, 48});
  const torch::Tensor sent = run_classifier(script_head(network, GetParam(), &code), input);
  const torch::NoGradGuard no_grad;
  expect_same_answer(run_classifier(script_tail(network, GetParam(), &code), sent), network(input));
}

INSTANTIATE_TEST_SUITE_P(SmallClassifier, EveryUnit,
                         testing::ValuesIn(SmallClassifierImpl::split_points()));

TEST(SmallClassifier, WeightsAndNamesSurviveTheirFile) {
  const TemporaryFolder folder;
  SmallClassifier network = random_classifier({"red", "dark green", "blue"});
  write_safetensors(folder / "c.safetensors", weights_of(network));
  const Safetensors weights = read_safetensors(folder / "c.safetensors");
  EXPECT_TRUE(holds_small_classifier(weights));
  SmallClassifier read = small_classifier_of(weights, "c");
  read->eval();
  EXPECT_EQ(read->class_names(), network->class_names());
  const torch::NoGradGuard no_grad;
  const torch::Tensor input = torch::randn({1, 3, 32, 32});
  EXPECT_TRUE(read(input).equal(network(input)));
}

TEST(SmallClassifier, LoadsAsANetworkWithItsOwnDefaultCut) {
  const TemporaryFolder folder;
  SmallClassifier network = random_classifier();
  write_safetensors(folder / "c.safetensors", weights_of(network));
  const Network loaded = Network::load(folder / "c.safetensors");
  EXPECT_EQ(loaded.model(), "classifier");
  EXPECT_EQ(loaded.options().split_point, "conv4");
  EXPECT_EQ(loaded.classes(), (std::vector<std::string>{"a", "b", "c"}));

  const torch::Tensor input = torch::randn({1, 3, 64, 64});
  const Tensor picture{{1, 3, 64, 64}, {input.data_ptr<float>(), input.data_ptr<float>() + 12288}};
  const auto outputs = loaded(picture);
  ASSERT_EQ(outputs.size(), 1U);
  EXPECT_EQ(outputs[0].shape, (Shape{1, 3}));
  const torch::NoGradGuard no_grad;
  expect_same_answer(torch::tensor(outputs[0].values).view({1, 3}), network(input));
  EXPECT_EQ(loaded.head(picture).tensor.shape, (Shape{1, 64, 8, 8}));
  EXPECT_EQ(loaded.tail(loaded.head(picture))[0].values, outputs[0].values);
}

TEST(SmallClassifier, ItsExportedHalvesLoadAsAPair) {
  const TemporaryFolder folder;
  write_safetensors(folder / "c.safetensors", weights_of(random_classifier()));
  const Network loaded = Network::load(folder / "c.safetensors", {.split_point = "conv2"});
  loaded.export_torchscript(folder / "head.pt", folder / "tail.pt");
  const Network pair = Network::load(folder / "head.pt", folder / "tail.pt");
  const Tensor picture{{1, 3, 40, 40}, std::vector<float>(4800, 0.5F)};
  EXPECT_EQ(pair.model(), "torchscript");
  EXPECT_TRUE(pair.classes().empty());
  EXPECT_EQ(pair(picture)[0].values, loaded(picture)[0].values);
}

TEST(SmallClassifier, RefusesWhatDoesNotFit) {
  expect_error(ErrorCode::kInvalidArgument, "at least 2 classes, got 1",
               [] { SmallClassifier(1); });
  expect_error(ErrorCode::kNotFound, "no split point named 'inception3'; it has conv1 to conv5",
               [] { SmallClassifierImpl::stride_at("inception3"); });
  Safetensors weights = weights_of(random_classifier());
  weights.metadata["classes"] = "a\nb\n";
  expect_error(ErrorCode::kCorrupt, "c.bin does not hold a classifier: there are 2 names for 3",
               [&] { small_classifier_of(weights, "c.bin"); });
  weights.metadata.clear();
  EXPECT_TRUE(small_classifier_of(weights, "c.bin")->class_names().empty());
  weights.tensors.erase("conv3.bn.bias");
  expect_error(ErrorCode::kCorrupt, "conv3.bn.bias",
               [&] { small_classifier_of(weights, "c.bin"); });
}

}  // namespace
}  // namespace scrim
