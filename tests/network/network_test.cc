#include <scrim/network.h>

#include "network/faceboxes.h"
#include "network/script_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "support/test_data.h"

#include <scrim/noise.h>

#include "network/export.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <random>
#include <thread>

namespace scrim {
namespace {

// One thread each: on a busy machine two that wait for each other are much slower.
//
// Prepared and plain results differ by the order of float additions; the specified bound.
constexpr double kTolerance = 1e-4;

constexpr const char* kPublished = "faceboxes/FaceBoxesProd.safetensors";

Tensor random_picture(std::int64_t batch, std::int64_t height, std::int64_t width, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> value(0, 50);
  Tensor picture{{batch, 3, height, width}, {}};
  picture.values.resize(static_cast<std::size_t>(element_count(picture.shape)));
  for (float& v : picture.values) v = value(generator);
  return picture;
}

void expect_near(const std::vector<Tensor>& got, const std::vector<Tensor>& expected,
                 double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].shape, expected[i].shape);
    double largest = 0;
    for (std::size_t j = 0; j < got[i].values.size(); ++j) {
      largest = std::max(largest, std::abs(double{got[i].values[j]} - expected[i].values[j]));
    }
    EXPECT_LE(largest, tolerance) << "output " << i;
  }
}

FaceBoxes random_faceboxes() {
  torch::manual_seed(21);
  FaceBoxes network;
  network->eval();
  // Bring activations back to order 1: a picture has values of order 50.
  const torch::NoGradGuard no_grad;
  network->conv1->bn->running_var.fill_(100 * 100);
  return network;
}

class NetworkTest : public testing::Test {
 protected:
  NetworkTest() { write_safetensors(weights_, weights_of(random_faceboxes())); }

  TemporaryFolder folder_;
  std::filesystem::path weights_ = folder_ / "faceboxes.safetensors";
};

TEST_F(NetworkTest, PreparedEqualsPlainAtEverySplitPointAndOddSizes) {
  for (const std::string& split_point : FaceBoxesImpl::split_points()) {
    SCOPED_TRACE(split_point);
    const Network prepared = Network::load(weights_, {.split_point = split_point, .threads = 1});
    const Network plain =
        Network::load(weights_, {.split_point = split_point, .threads = 1, .prepared = false});
    for (const auto& [height, width] : {std::pair{128, 128}, {99, 161}, {33, 1}}) {
      const Tensor picture = random_picture(1, height, width, 1);
      expect_near(prepared(picture), plain(picture), kTolerance);
      expect_near({prepared.head(picture).tensor}, {plain.head(picture).tensor}, kTolerance);
    }
  }
}

TEST_F(NetworkTest, OutputsAreBoxesAndProbabilitiesOfEveryPrior) {
  const auto outputs = Network::load(weights_, {.threads = 1})(random_picture(1, 333, 517, 2));
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].shape, (Shape{1, 3996, 4}));
  EXPECT_EQ(outputs[1].shape, (Shape{1, 3996, 2}));
  for (std::size_t i = 0; i < outputs[1].values.size(); i += 2) {
    EXPECT_NEAR(outputs[1].values[i] + outputs[1].values[i + 1], 1.0, 1e-6);
  }
}

TEST_F(NetworkTest, TailOfHeadIsTheWhole) {
  for (const bool prepared : {true, false}) {
    const Network network =
        Network::load(weights_, {.split_point = "pool2", .threads = 1, .prepared = prepared});
    const Tensor picture = random_picture(2, 100, 150, 3);
    expect_near(network.tail(network.head(picture)), network(picture), kTolerance);
  }
}

TEST_F(NetworkTest, ABatchGivesWhatItsPicturesGive) {
  const Network network = Network::load(weights_, {.threads = 1});
  const Tensor both = random_picture(2, 65, 130, 4);
  const auto of_both = network(both);
  const std::size_t half = both.values.size() / 2;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto begin = both.values.begin() + static_cast<std::ptrdiff_t>(i * half);
    const auto of_one = network(Tensor{{1, 3, 65, 130}, {begin, begin + half}});
    for (std::size_t k = 0; k < of_one.size(); ++k) {
      const std::size_t count = of_one[k].values.size();
      const auto part = of_both[k].values.begin() + static_cast<std::ptrdiff_t>(i * count);
      expect_near({Tensor{of_one[k].shape, {part, part + static_cast<std::ptrdiff_t>(count)}}},
                  {of_one[k]}, kTolerance);
    }
  }
}

TEST_F(NetworkTest, ThreadsMayShareANetwork) {
  const Network network = Network::load(weights_, {.threads = 1});
  std::vector<Tensor> pictures;
  std::vector<std::vector<Tensor>> expected, got(8);
  for (unsigned i = 0; i < got.size(); ++i) {
    pictures.push_back(random_picture(1, 64 + 7 * i, 150 - 9 * i, i));
    expected.push_back(network(pictures.back()));
  }
  const auto every_second = [&](std::size_t first) {
    for (std::size_t i = first; i < got.size(); i += 2) got[i] = network(pictures[i]);
  };
  {
    const std::jthread other(every_second, 1U);
    every_second(0);
  }
  for (std::size_t i = 0; i < got.size(); ++i) expect_near(got[i], expected[i], kTolerance);
}

TEST_F(NetworkTest, AnExportedPairIsTheSameNetwork) {
  const Network network = Network::load(weights_, {.split_point = "inception1", .threads = 1});
  network.export_torchscript(folder_ / "head.pt", folder_ / "tail.pt");
  const Network pair = Network::load(folder_ / "head.pt", folder_ / "tail.pt", {.threads = 1});
  EXPECT_EQ(network.model(), "faceboxes");
  EXPECT_EQ(pair.model(), "torchscript");
  const Tensor picture = random_picture(1, 96, 128, 5);
  expect_near(pair(picture), network(picture), kTolerance);
}

TEST_F(NetworkTest, OneScriptIsCutAtAModule) {
  torch::jit::Module inner("Inner"), whole("Whole");
  inner.define("def forward(self, x):\n    return torch.relu(x)\n");
  whole.register_module("inner", inner);
  whole.define("def forward(self, x):\n    return self.inner.forward(x - 1.0) * 2.0\n");
  save_script(whole, folder_ / "whole.pt");
  const Network network = Network::load(folder_ / "whole.pt", {.split_point = "inner"});
  const Tensor input{{1, 3, 1, 1}, {0, 3, 5}};
  EXPECT_EQ(network.head(input).tensor.values, (std::vector<float>{0, 2, 4}));
  EXPECT_EQ(network(input).at(0).values, (std::vector<float>{0, 4, 8}));
  expect_error(ErrorCode::kNotFound, "it has inner",
               [&] { Network::load(folder_ / "whole.pt", {.split_point = "outer"}); });
}

TEST_F(NetworkTest, RefusesWhatIsNotAPicture) {
  const Network network = Network::load(weights_, {.threads = 1});
  const auto refused = [&](const std::string& part, const Tensor& input) {
    expect_error(ErrorCode::kInvalidArgument, part, [&] { network(input); });
  };
  refused("got 3 dimensions", Tensor{{3, 8, 8}, std::vector<float>(192)});
  refused("must have 3 channels, got 1", Tensor{{1, 1, 8, 8}, std::vector<float>(64)});
  refused("has 191 values, not 192", Tensor{{1, 3, 8, 8}, std::vector<float>(191)});
  refused("1x3x0x8 is empty", Tensor{{1, 3, 0, 8}, {}});
  Tensor poisoned = random_picture(1, 8, 8, 6);
  poisoned.values[5] = std::numeric_limits<float>::quiet_NaN();
  refused("not finite", poisoned);
}

TEST_F(NetworkTest, NamesWhatIsWrongWithItsFilesAndOptions) {
  expect_error(ErrorCode::kNotFound, "no split point named 'conv9'",
               [&] { Network::load(weights_, {.split_point = "conv9"}); });
  expect_error(ErrorCode::kNotFound, "none.safetensors",
               [&] { Network::load(folder_ / "none.safetensors"); });
  expect_error(ErrorCode::kInvalidArgument, "threads must be at least 1, got 0",
               [&] { Network::load(weights_, {.threads = 0}); });
  std::ofstream(folder_ / "broken.pt") << "not a zip";
  expect_error(ErrorCode::kCorrupt, "broken.pt", [&] { Network::load(folder_ / "broken.pt"); });
}

TEST(Network, WeightsOfAnotherNetworkAreCorrupt) {
  constexpr const char* kOther = "mobilefacenet/MobileFaceNet.safetensors";
  SCRIM_NEEDS_TEST_DATA(kOther);
  expect_error(ErrorCode::kCorrupt, "conf.0.bias", [] { Network::load(test_data(kOther)); });
}

// Tolerance: the last printed digit of the published values and the bound on prepared networks.
TEST(Network, PublishedWeightsGiveThePublishedValuesWhenPrepared) {
  SCRIM_NEEDS_TEST_DATA(kPublished);
  for (const std::string split_point : {"inception3", "pool2"}) {
    const Network network =
        Network::load(test_data(kPublished), {.split_point = split_point, .threads = 1});
    const auto outputs = network(Tensor{{1, 3, 128, 128}, std::vector<float>(3 * 128 * 128)});
    const double first[] = {0.476417, 0.329254, -0.778399, 0.085134};
    for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(outputs[0].values[i], first[i], 1e-5);
    EXPECT_NEAR(outputs[1].values[1], 0.0085257, 1e-6);
    EXPECT_NEAR(outputs[1].values.back(), 0.0285263, 1e-6);
  }
}

// A release cut after pool1 (48 channels), of which three directions are sent.
class ReleasedHalves : public NetworkTest {
 protected:
  ReleasedHalves() {
    noise_.channels = 48;
    noise_.directions = 3;
    noise_.alphas = {0.8};
    // (1 + SNR)^(3/48) = 1/alpha, at scale 1
    const double snr = std::pow(0.8, -16.0) - 1;
    noise_.scale.emplace_back(3, 1.0F);
    noise_.sigma.emplace_back(3, static_cast<float>(1 / std::sqrt(snr)));
    noise_.mean.assign(48, 0.1F);
    noise_.basis.assign(3 * 48, 0.0F);
    noise_.decode.assign(48 * 3, 0.0F);
    for (std::size_t k = 0; k < 3; ++k) {
      noise_.basis[k * 48 + k] = 1;
      noise_.decode[k * 3 + k] = 0.5F;
    }
    noise_.held_out_variance.assign(3, 1.0F);
  }

  ReleaseParts parts() const {
    const FaceBoxes network = random_faceboxes();
    ReleaseParts result;
    result.manifest.model = "faceboxes";
    result.manifest.task = "face-detection";
    result.manifest.split_point = "pool1";
    result.manifest.objective = "uniform";
    result.manifest.stride = 8;
    result.manifest.alphas = noise_.alphas;
    result.manifest.data_digest = std::string(64, '0');
    result.noise = noise_;
    result.head = folder_ / "head.pt";
    result.tail = folder_ / "tail.pt";
    export_head(network, "pool1", noise_, result.head);
    export_tail(network, "pool1", noise_, result.tail);
    return result;
  }

  Release sealed(const std::string& name = "faces.scrim") const {
    return Release::write(folder_ / name, parts());
  }

  static Key key() { return Key::from_bytes({7}); }

  NoiseParameters noise_;
};

TEST_F(ReleasedHalves, TheHeadGivesTheDirectionsOfTheCode) {
  const Release release = sealed();
  const Tensor picture = random_picture(1, 64, 96, 7);
  const Tensor activation = Head::open(release, {.threads = 1})(picture).tensor;
  ASSERT_EQ(activation.shape, (Shape{1, 3, 8, 12}));
  const Tensor whole =
      Network::load(weights_, {.split_point = "pool1", .threads = 1}).head(picture).tensor;
  for (std::size_t i = 0; i < activation.values.size(); ++i) {
    EXPECT_NEAR(activation.values[i], whole.values[i] - 0.1F, kTolerance);
  }
}

TEST_F(ReleasedHalves, TheTailTakesWhatANoiseReturned) {
  const Release release = sealed();
  const Head head = Head::open(release, {.threads = 1});
  const Noise noise(release, key(), {.alpha = 0.8});
  const NoisyActivation noisy = noise(head(random_picture(1, 64, 96, 8)));
  const auto outputs = Tail::open(release, {.threads = 1})(noisy);
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_EQ(outputs[0].shape[2], 4);
  expect_near(outputs, Tail::open(release, {.threads = 1, .prepared = false})(noisy), kTolerance);
}

TEST_F(ReleasedHalves, TheTailRefusesTheNoiseOfAnotherRelease) {
  const Release release = sealed();
  noise_.mean[0] = 0.2F;
  const Release other = sealed("other.scrim");
  const Noise noise(other, key(), {.alpha = 0.8});
  const NoisyActivation noisy =
      noise(Head::open(other, {.threads = 1})(random_picture(1, 64, 64, 9)));
  expect_error(ErrorCode::kInvalidArgument, "is of release",
               [&] { Tail::open(release, {.threads = 1})(noisy); });
}

TEST_F(ReleasedHalves, AHeadOfOtherDirectionsIsRefused) {
  ReleaseParts wrong = parts();
  NoiseParameters two = noise_;
  two.directions = 2;
  two.basis.resize(2 * 48);
  export_head(random_faceboxes(), "pool1", two, wrong.head);
  const Head head = Head::open(Release::write(folder_ / "wrong.scrim", wrong), {.threads = 1});
  expect_error(ErrorCode::kCorrupt, "declares N x 3", [&] { head(random_picture(1, 64, 64, 10)); });
}

TEST_F(ReleasedHalves, APartThatChangedAfterOpeningDoesNotRun) {
  const Release release = sealed();
  std::ofstream(release.head(), std::ios::app) << "more";
  std::ofstream(release.tail(), std::ios::app) << "more";
  expect_error(ErrorCode::kCorrupt, "was sealed with",
               [&] { Head::open(release, {.threads = 1}); });
  expect_error(ErrorCode::kCorrupt, "was sealed with",
               [&] { Tail::open(release, {.threads = 1}); });
}

TEST_F(ReleasedHalves, NothingThatIsNotFiniteGoesInOrOut) {
  Tensor picture = random_picture(1, 64, 64, 11);
  const Tensor good = picture;
  picture.values[100] = std::numeric_limits<float>::infinity();
  const Head head = Head::open(sealed(), {.threads = 1});
  expect_error(ErrorCode::kInvalidArgument, "not finite", [&] { head(picture); });

  ReleaseParts wild = parts();
  NoiseParameters overflowing = noise_;
  overflowing.basis.assign(3 * 48, 3e38F);
  overflowing.mean.assign(48, 0.0F);
  export_head(random_faceboxes(), "pool1", overflowing, wild.head);
  const Head broken = Head::open(Release::write(folder_ / "wild.scrim", wild), {.threads = 1});
  expect_error(ErrorCode::kCorrupt, "not finite", [&] { broken(good); });
}

}  // namespace
}  // namespace scrim
