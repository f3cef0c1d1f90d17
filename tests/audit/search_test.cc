#include "audit/search.h"

#include "audit/scenes.h"
#include "support/expect_error.h"
#include "support/linear_head.h"
#include "support/untrained_release.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace scrim {
namespace {

// Level 127.5 is 0 and the deviation of the linear head's colours 1.
torch::Tensor linear_activation(const torch::Tensor& units) {
  const double deviation = std::sqrt((128.0 * 128.0 - 1) / 12);
  return (torch::avg_pool2d(units, kLinearHeadBlock) * 64 + 0.5) / deviation;
}

// A decoder that has learned nothing: every picture is grey.
Decoder grey_decoder() {
  Decoder decoder({.channels = 3, .block = kLinearHeadBlock, .width = 8, .upper_width = 0},
                  linear_head_conditions());
  LinearPart part{torch::zeros({1, 3, 1, 1}), torch::ones({1, 3, 1, 1}), {}};
  for (std::size_t i = 0; i < decoder.conditions().size(); ++i) {
    part.maps.push_back({torch::zeros({3 * kLinearHeadBlock * kLinearHeadBlock, 3, 3, 3}),
                         torch::zeros({3 * kLinearHeadBlock * kLinearHeadBlock})});
  }
  decoder.set_linear_part(part);
  return decoder;
}

// Colours that rise evenly from the left to the right: as smooth as pictures get.
torch::Tensor slope() {
  constexpr std::int64_t kSide = kLinearHeadBlock * kLinearHeadCells;
  return torch::linspace(-1, 1, kSide)
      .view({1, 1, 1, -1})
      .expand({1, 3, kSide, kSide})
      .contiguous();
}

double missed(const torch::Tensor& found, const torch::Tensor& truth) {
  return ((found - truth).square().mean() / truth.square().mean()).item<double>();
}

TEST(Search, FindsThePictureBehindAnActivationWithoutNoise) {
  Decoder decoder = grey_decoder();
  const auto seen = decoder.observe(linear_activation(slope()), 0);
  const auto found = search_pictures(decoder, linear_activation, seen, 0, {.steps = 200});
  EXPECT_LT(missed(found, slope()), 0.02);
}

// At a signal-to-noise ratio of 1/4 one cell tells nearly nothing; that pictures are smooth does.
TEST(Search, KnowsThatPicturesAreSmooth) {
  Decoder decoder = grey_decoder();
  torch::manual_seed(4);
  const auto seen = decoder.observe(linear_activation(slope()), 3);
  const auto found =
      search_pictures(decoder, linear_activation, seen, 3, {.steps = 200, .roughness = 0.8});
  EXPECT_LT(missed(found, slope()), 0.5);
  const auto rough =
      search_pictures(decoder, linear_activation, seen, 3, {.steps = 200, .roughness = 100});
  EXPECT_GT(missed(rough, slope()), 1);
}

TEST(Search, FindsNothingInNoiseAlone) {
  Decoder decoder = grey_decoder();
  torch::manual_seed(4);
  const auto seen = decoder.observe(linear_activation(slope()), 1);
  const auto found = search_pictures(decoder, linear_activation, seen, 1, {.steps = 20});
  EXPECT_EQ(found.abs().max().item<float>(), 0);
}

TEST(Search, StopsWhenToldTo) {
  Decoder decoder = grey_decoder();
  std::stop_source stop;
  stop.request_stop();
  const auto seen = decoder.observe(linear_activation(slope()), 0);
  expect_error(ErrorCode::kUnavailable, "stopped", [&] {
    search_pictures(decoder, linear_activation, seen, 0, {.stop = stop.get_token()});
  });
}

TEST(Search, RoughnessIsTheMeanDifferenceOfNeighbours) {
  Image stripes{4, 4, {}};
  for (int i = 0; i < 16; ++i) {
    stripes.pixels.insert(stripes.pixels.end(), 3, i % 2 == 0 ? 0 : 64);
  }
  // A unit across each of 12 edges a colour, nothing down; 32 neighbours are counted for 16 pixels.
  EXPECT_DOUBLE_EQ(roughness_of({stripes}), 12.0 / 32);
  const Image plain{2, 2, std::vector<std::uint8_t>(12, 7)};
  expect_error(ErrorCode::kInvalidArgument, "one colour", [&] { roughness_of({plain}); });
}

TEST(Search, ActivationsAreThoseOfTheScenes) {
  const TemporaryFolder folder;
  const Release release = untrained_release(folder, FaceBoxes(), "inception1");
  const SceneMaker maker(release, {}, 1);
  Image picture{64, 64, {}};
  for (int i = 0; i < 64 * 64 * 3; ++i) picture.pixels.push_back(static_cast<std::uint8_t>(i / 96));
  const Scene scene = maker.of_picture(picture, "slope", {}, 2);
  const torch::NoGradGuard no_grad;
  const auto units = to_units(scene.target);
  // The target is rounded and a quarter of the enlarged picture's size: a grey level of 64 off.
  const auto shallow = shallow_activation({}, release.manifest().input)(units);
  EXPECT_TRUE(torch::allclose(shallow, view_of_activation(scene.shallow), 0, 1.0 / 64));
  const auto activation = activation_of_release(release)(units);
  const auto wanted = view_of_activation(scene.activation);
  ASSERT_EQ(activation.sizes(), wanted.sizes());
  EXPECT_LT((activation - wanted).norm().item<double>(), 0.1 * wanted.norm().item<double>());
}

}  // namespace
}  // namespace scrim
