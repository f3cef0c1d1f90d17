#include "audit/decoder.h"

#include "base/random.h"
#include "support/linear_head.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

namespace scrim {
namespace {

constexpr int kPictures = 40;

TEST(Decoder, LinearAttackerReachesTheClosedFormOptimum) {
  const auto conditions = linear_head_conditions();
  Decoder decoder({.channels = 3, .block = kLinearHeadBlock, .width = 8, .upper_width = 0},
                  conditions);
  const auto taught = linear_head_pictures(kPictures, 1),
             measured = linear_head_pictures(kPictures, 2);
  decoder.fit_linear(linear_head_examples(taught), 1);
  torch::manual_seed(3);
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    // 40 pictures of 144 cells and 3 colours: a share of a variance is off by about
    // sqrt(2 / 17280) = .011 of itself for each of three errors in five hundred.
    const double best = linear_head_optimum(conditions[i]);
    EXPECT_NEAR(linear_head_missed(decoder, measured, i, true), best, 0.02 * best + 0.002) << i;
  }
}

TEST(Decoder, StartsAsTheLinearAttacker) {
  Decoder decoder({.channels = 3, .block = kLinearHeadBlock, .width = 8, .upper_width = 8},
                  linear_head_conditions());
  const auto pictures = linear_head_pictures(4, 1);
  decoder.fit_linear(linear_head_examples(pictures), 1);
  const torch::NoGradGuard no_grad;
  const auto seen = decoder.observe(view_of_activation(pictures[0].activation), 2);
  EXPECT_TRUE(torch::equal(decoder.linear(seen, 2), decoder.decode(seen, 2)));
}

// Whatever the condition, so that one network can read all of them.
TEST(Decoder, ObservationsHaveUnitVariance) {
  Decoder decoder({.channels = 3, .block = kLinearHeadBlock, .width = 8, .upper_width = 0},
                  linear_head_conditions());
  const auto pictures = linear_head_pictures(kPictures, 1);
  decoder.fit_linear(linear_head_examples(pictures), 1);
  for (std::size_t i = 0; i < decoder.conditions().size(); ++i) {
    double square = 0;
    for (const auto& picture : pictures) {
      square +=
          decoder.observe(view_of_activation(picture.activation), i).square().mean().item<double>();
    }
    EXPECT_NEAR(square / kPictures, 1, 5 * std::sqrt(2.0 / (kPictures * 3 * 144))) << i;
  }
}

TEST(Decoder, PicturesSurviveTheWayToUnitsAndBack) {
  Image picture{3, 2, {}};
  for (int i = 0; i < 18; ++i) picture.pixels.push_back(static_cast<std::uint8_t>(i * 15));
  EXPECT_EQ(to_picture(to_units(picture)).pixels, picture.pixels);
  const Image grown = fitted(picture, 5, 1);
  EXPECT_EQ(grown.width, 5);
  EXPECT_EQ(grown.height, 1);
  EXPECT_EQ(grown.pixels[12], picture.pixels[6]);  // the last column continues
}

}  // namespace
}  // namespace scrim
