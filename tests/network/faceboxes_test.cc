#include "network/faceboxes.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "support/test_data.h"

#include <gtest/gtest.h>

#include <torch/autograd.h>
#include <torch/types.h>

#include <limits>

namespace scrim {
namespace {

constexpr const char* kWeights = "faceboxes/FaceBoxesProd.safetensors";

FaceBoxes published_network() {
  FaceBoxes network;
  load_weights(network, read_safetensors(test_data(kWeights)));
  network->eval();
  return network;
}

// The outputs as the published values state them: boxes of the first picture, and the probability
// of the face.
struct Outputs {
  torch::Tensor loc, face;
};

Outputs run(FaceBoxes& network, const torch::Tensor& input) {
  const torch::NoGradGuard no_grad;
  const auto [loc, conf] = network(input);
  return {loc[0], torch::softmax(conf, 2)[0].select(1, 1)};
}

void expect_box(const torch::Tensor& box, const std::vector<double>& expected, double tolerance) {
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(box[i].item<double>(), expected[i], tolerance);
}

// Value (flat index mod 256) - 117.
torch::Tensor ramp(std::int64_t height, std::int64_t width) {
  const torch::Tensor index = torch::arange(3 * height * width, torch::kInt64);
  return (index.remainder(256) - 117).to(torch::kFloat32).view({1, 3, height, width});
}

// The tolerances of the golden values: half a unit of their last printed digit, plus 1e-6 a value
// for the order of float additions, which differs between processors (sums: 1e-6 a summand).

TEST(FaceBoxes, ZeroInputOf128GivesThePublishedValues) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  FaceBoxes network = published_network();
  const Outputs outputs = run(network, torch::zeros({1, 3, 128, 128}));
  ASSERT_EQ(outputs.loc.size(0), 341);
  expect_box(outputs.loc[0], {0.476417, 0.329254, -0.778399, 0.085134}, 1.5e-6);
  expect_box(outputs.loc[-1], {-0.074066, 0.452426, -0.519916, -0.076055}, 1.5e-6);
  EXPECT_NEAR(outputs.face[0].item<double>(), 0.0085257, 1.05e-6);
  EXPECT_NEAR(outputs.face[-1].item<double>(), 0.0285263, 1.05e-6);
  EXPECT_EQ(outputs.face.argmax().item<std::int64_t>(), 340);
  EXPECT_NEAR(outputs.loc.abs().sum().item<double>(), 557.603, 5e-4 + 4 * 341 * 1e-6);
}

TEST(FaceBoxes, ZeroInputOf100x150GivesThePublishedValues) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  FaceBoxes network = published_network();
  const Outputs outputs = run(network, torch::zeros({1, 3, 100, 150}));
  ASSERT_EQ(outputs.loc.size(0), 428);
  expect_box(outputs.loc[0], {0.602948, 0.316013, -0.847862, 0.046147}, 1.5e-6);
  EXPECT_NEAR(outputs.face.max().item<double>(), 0.0362023, 1.05e-6);
  EXPECT_NEAR(outputs.loc.abs().sum().item<double>(), 883.183, 5e-4 + 4 * 428 * 1e-6);
}

TEST(FaceBoxes, RampInputGivesThePublishedValues) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  FaceBoxes network = published_network();
  const Outputs outputs = run(network, ramp(128, 128));
  expect_box(outputs.loc[0], {0.95677, 0.85829, -0.78696, 0.36389}, 6e-6);
  expect_box(outputs.loc[-1], {0.02777, 0.41765, -0.63728, -0.13389}, 6e-6);
  EXPECT_NEAR(outputs.face.sum().item<double>(), 1.491183, 5e-7 + 341 * 1e-6);
  EXPECT_NEAR(outputs.loc.abs().sum().item<double>(), 816.323, 5e-4 + 4 * 341 * 1e-6);
}

TEST(FaceBoxes, HasThePriorsOfAnOddSize) {
  FaceBoxes network;
  network->eval();
  EXPECT_EQ(run(network, torch::zeros({1, 3, 333, 517})).loc.size(0), 3996);
}

TEST(FaceBoxes, HasThePriorsOfTheReportsSize) {
  FaceBoxes network;
  network->eval();
  EXPECT_EQ(run(network, torch::zeros({1, 3, 1024, 1024})).loc.size(0), 21'824);
}

TEST(FaceBoxes, HeadThenTailIsTheWholeAtEverySplitPoint) {
  FaceBoxes network;
  network->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor input = ramp(101, 203);
  const auto [loc, conf] = network(input);
  for (const std::string& split_point : FaceBoxesImpl::split_points()) {
    const torch::Tensor activation = network->head(input, split_point);
    EXPECT_EQ(activation.size(1), FaceBoxesImpl::channels_at(split_point));
    const auto [split_loc, split_conf] = network->tail(activation, split_point);
    EXPECT_TRUE(split_loc.equal(loc)) << split_point;
    EXPECT_TRUE(split_conf.equal(conf)) << split_point;
  }
}

// Weights and activations of order 1, a decoding of few directions and one of many, after the last
// split point and before; border cells among few.
TEST(FaceBoxes, TheCodedTailIsTheTailOfWhatIsDecoded) {
  torch::manual_seed(3);
  FaceBoxes network;
  for (const bool training : {false, true}) {
    network->train(training);
    for (const char* split_point : {"inception3", "inception2"}) {
      for (const std::int64_t directions : {5, 100}) {
        const auto y = torch::randn({3, directions, 4, 5}).requires_grad_(true);
        const auto decode = (torch::randn({128, directions}) / 10).requires_grad_(true);
        const auto mean = torch::randn({128});
        const auto gradients = [&](const LocAndConf& outputs) {
          return torch::autograd::grad(
              {outputs.first.square().sum() + outputs.second.sum()},
              {y, decode, network->conv3_1->conv->weight, network->conf->parameters()[0]});
        };
        const auto decoded = torch::conv2d(y, decode.unsqueeze(2).unsqueeze(3), mean);
        const auto expected = network->tail(decoded, split_point);
        const auto got = network->coded_tail({y, decode, mean}, split_point);
        // Sums of 9 x 128 terms of float32 in another order, over three layers.
        const auto expect_close = [](const torch::Tensor& a, const torch::Tensor& b) {
          const double scale = std::max(1.0, b.abs().max().item<double>());
          EXPECT_LE((a - b).abs().max().item<double>(), 1e-4 * scale);
        };
        expect_close(got.first, expected.first);
        expect_close(got.second, expected.second);
        const auto wanted = gradients(expected);
        const auto found = gradients(got);
        for (std::size_t i = 0; i < wanted.size(); ++i) expect_close(found[i], wanted[i]);
      }
    }
  }
}

TEST(FaceBoxes, TheStridesAreTheActivationsSizes) {
  FaceBoxes network;
  network->eval();
  const torch::NoGradGuard no_grad;
  for (const std::string& split_point : FaceBoxesImpl::split_points()) {
    const torch::Tensor activation = network->head(torch::zeros({1, 3, 128, 256}), split_point);
    const std::int64_t stride = FaceBoxesImpl::stride_at(split_point);
    EXPECT_EQ(activation.size(2), 128 / stride) << split_point;
    EXPECT_EQ(activation.size(3), 256 / stride) << split_point;
  }
}

TEST(FaceBoxes, TheStagesBetweenTwoSplitPointsJoinTheirHeads) {
  FaceBoxes network;
  network->eval();
  const torch::NoGradGuard no_grad;
  const torch::Tensor input = ramp(128, 128);
  const torch::Tensor joined =
      network->between(network->head(input, "pool2"), "pool2", "inception3");
  EXPECT_TRUE(joined.equal(network->head(input, "inception3")));
  EXPECT_TRUE(network->between(input, "pool2", "pool2").equal(input));
  expect_error(ErrorCode::kInvalidArgument, "comes after",
               [&] { network->between(input, "inception3", "pool2"); });
}

TEST(FaceBoxes, AnUnknownSplitPointIsNamedWithTheKnownOnes) {
  FaceBoxes network;
  expect_error(ErrorCode::kNotFound, "'conv9'; it has conv1", [&] {
    network->head(torch::zeros({1, 3, 64, 64}), "conv9");
  });
  EXPECT_TRUE(FaceBoxesImpl::has_split_point("inception3"));
  EXPECT_FALSE(FaceBoxesImpl::has_split_point("conv3_1"));
}

TEST(FaceBoxes, TheGradientReachesEveryParameter) {
  torch::manual_seed(1);
  FaceBoxes network;
  const auto [loc, conf] = network(torch::randn({2, 3, 128, 128}));
  (loc.square().sum() + conf.square().sum()).backward();
  for (const auto& parameter : network->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
  }
}

TEST(FaceBoxes, HasTheParametersOfThePublishedNetwork) {
  const FaceBoxes network;
  std::int64_t count = 0;
  for (const torch::Tensor& parameter : network->parameters()) count += parameter.numel();
  EXPECT_EQ(count, 1'007'330);
  EXPECT_EQ(weights_of(network).tensors.size(), 174U);
}

TEST(LoadWeights, RestoresWhatWeightsOfTook) {
  torch::manual_seed(2);
  const FaceBoxes source;
  FaceBoxes copy;
  load_weights(copy, weights_of(source));
  const Safetensors expected = weights_of(source);
  for (const auto& [name, tensor] : weights_of(copy).tensors) {
    EXPECT_EQ(tensor.shape, expected.at(name).shape) << name;
    EXPECT_EQ(tensor.values, expected.at(name).values) << name;
  }
}

TEST(LoadWeights, NamesAMissingAnExtraAMisshapenAndANotFiniteTensor) {
  FaceBoxes network;
  const Safetensors before = weights_of(network);

  Safetensors missing = before;
  missing.tensors.erase("loc.1.bias");
  expect_error(ErrorCode::kCorrupt, "loc.1.bias", [&] { load_weights(network, missing); });

  Safetensors extra = before;
  extra.tensors["conv9.weight"] = Tensor{{1}, {0}};
  expect_error(ErrorCode::kCorrupt, "conv9.weight", [&] { load_weights(network, extra); });

  Safetensors misshapen = before;
  misshapen.tensors["conv2.bn.bias"] = Tensor{{2}, {0, 0}};
  expect_error(ErrorCode::kCorrupt, "'conv2.bn.bias' is 2, FaceBoxes needs 64",
               [&] { load_weights(network, misshapen); });

  Safetensors poisoned = before;
  poisoned.tensors["conv1.conv.weight"].values[7] = std::numeric_limits<float>::quiet_NaN();
  expect_error(ErrorCode::kCorrupt, "conv1.conv.weight", [&] { load_weights(network, poisoned); });

  EXPECT_EQ(weights_of(network).at("conv1.conv.weight").values,
            before.at("conv1.conv.weight").values);
}

TEST(FaceBoxes, WeightsOfAnotherNetworkAreRefusedByTheirFile) {
  TemporaryFolder folder;
  Safetensors other;
  other.tensors["layer1.weight"] = Tensor{{2}, {1, 2}};
  write_safetensors(folder / "other.safetensors", other);
  expect_error(ErrorCode::kCorrupt, "other.safetensors does not hold FaceBoxes",
               [&] { read_faceboxes(folder / "other.safetensors"); });
}

}  // namespace
}  // namespace scrim
