#include "release/noise_parameters.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "release/safetensors.h"
#include "support/expect_error.h"
#include "support/release_parts.h"

namespace scrim {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Damage {
  const char* part;  // of the sentence
  std::function<void(NoiseParameters&)> apply;
};

TEST(NoiseParameters, WhatIsWrittenIsReadBack) {
  const NoiseParameters noise = example_noise();
  const NoiseParameters read = parse_noise(format_noise(noise));
  EXPECT_EQ(read.channels, noise.channels);
  EXPECT_EQ(read.directions, noise.directions);
  EXPECT_EQ(read.clip, noise.clip);
  EXPECT_EQ(read.alphas, noise.alphas);
  EXPECT_EQ(read.scale, noise.scale);
  EXPECT_EQ(read.sigma, noise.sigma);
  EXPECT_EQ(read.mean, noise.mean);
  EXPECT_EQ(read.basis, noise.basis);
  EXPECT_EQ(read.decode, noise.decode);
  EXPECT_EQ(read.held_out_variance, noise.held_out_variance);
}

TEST(NoiseParameters, MeasuredEvidenceIsOptionalAndReadBack) {
  NoiseParameters noise = example_noise();
  EXPECT_TRUE(parse_noise(format_noise(noise)).held_out_covariance.empty());
  EXPECT_TRUE(parse_noise(format_noise(noise)).held_out_cell_norm.empty());
  noise.held_out_covariance = {1, 0.5F, 0, 0.5F, 1, 0, 0, 0, 1};
  noise.held_out_cell_norm = {12.5F, 3.25F};
  check_noise(noise);
  const NoiseParameters read = parse_noise(format_noise(noise));
  EXPECT_EQ(read.held_out_covariance, noise.held_out_covariance);
  EXPECT_EQ(read.held_out_cell_norm, noise.held_out_cell_norm);
  noise.held_out_covariance.pop_back();
  expect_error(ErrorCode::kInvalidArgument, "held_out_covariance must have 9 values",
               [&] { check_noise(noise); });
  noise.held_out_covariance.clear();
  noise.held_out_cell_norm[1] = -1;
  expect_error(ErrorCode::kInvalidArgument, "held_out_cell_norm holds a negative",
               [&] { check_noise(noise); });
}

TEST(NoiseParameters, AlphasKeepEveryBitOfADouble) {
  NoiseParameters noise = example_noise();
  noise.alphas = {0.1, 0.8 + 1e-15};
  EXPECT_EQ(parse_noise(format_noise(noise)).alphas, noise.alphas);
}

TEST(NoiseParameters, ValidOnesAreAccepted) { EXPECT_NO_THROW(check_noise(example_noise())); }

TEST(NoiseParameters, EachDamageIsRefusedByName) {
  const std::vector<Damage> damages = {
      {"directions", [](auto& n) { n.directions = 0; }},
      {"directions", [](auto& n) { n.directions = 5; }},
      {"channels", [](auto& n) { n.channels = std::int64_t{1} << 40; }},
      {"clip", [](auto& n) { n.clip = 0; }},
      {"clip", [](auto& n) { n.clip = kNan; }},
      {"clip", [](auto& n) { n.clip = kInfinity; }},
      {"no alpha", [](auto& n) { n.alphas.clear(); }},
      {"ascend",
       [](auto& n) {
         n.alphas = {0.8, 0.5};
       }},
      {"ascend",
       [](auto& n) {
         n.alphas = {0.5, 0.5};
       }},
      {"ascend",
       [](auto& n) {
         n.alphas = {0.0, 0.5};
       }},
      {"ascend",
       [](auto& n) {
         n.alphas = {0.5, 1.0};
       }},
      {"ascend", [](auto& n) { n.alphas[0] = static_cast<double>(kNan); }},
      {"a row for each", [](auto& n) { n.scale.pop_back(); }},
      {"a row for each", [](auto& n) { n.sigma.pop_back(); }},
      {"scale must have 3", [](auto& n) { n.scale[1].pop_back(); }},
      {"sigma must have 3", [](auto& n) { n.sigma[0].push_back(1); }},
      {"scale holds", [](auto& n) { n.scale[0][0] = kNan; }},
      {"sigma holds", [](auto& n) { n.sigma[0][0] = kInfinity; }},
      {"at least 0", [](auto& n) { n.scale[0][0] = -1; }},
      {"at least 0", [](auto& n) { n.sigma[0][0] = -1; }},
      {"above 0 together", [](auto& n) { n.sigma[0][1] = 0; }},
      {"above 0 together", [](auto& n) { n.sigma[1][2] = 1; }},
      {"no direction passes",
       [](auto& n) {
         n.scale[1] = n.sigma[1] = {0, 0, 0};
       }},
      {"mean must have 4", [](auto& n) { n.mean.pop_back(); }},
      {"mean holds", [](auto& n) { n.mean[0] = kInfinity; }},
      {"basis must have 12", [](auto& n) { n.basis.pop_back(); }},
      {"basis holds", [](auto& n) { n.basis[3] = kNan; }},
      {"decode must have 12", [](auto& n) { n.decode.clear(); }},
      {"decode holds", [](auto& n) { n.decode[3] = kNan; }},
      {"held_out_variance must have 3", [](auto& n) { n.held_out_variance.push_back(1); }},
      {"held_out_variance holds", [](auto& n) { n.held_out_variance[0] = -0.5F; }},
  };
  for (const Damage& damage : damages) {
    NoiseParameters noise = example_noise();
    damage.apply(noise);
    expect_error(ErrorCode::kInvalidArgument, damage.part, [&noise] { check_noise(noise); });
  }
}

TEST(NoiseParameters, MissingTensorsAndOtherShapesAreCorrupt) {
  const Safetensors whole = parse_safetensors(format_noise(example_noise()), "noise");
  for (const auto& [name, tensor] : whole.tensors) {
    Safetensors damaged = whole;
    damaged.tensors.erase(name);
    expect_error(ErrorCode::kCorrupt, name, [&] { parse_noise(format_safetensors(damaged)); });
    damaged.tensors[name] = {{7}, std::vector<float>(7, 1.0F)};
    expect_error(ErrorCode::kCorrupt, name, [&] { parse_noise(format_safetensors(damaged)); });
  }
}

TEST(NoiseParameters, MetadataNamesTheFormatAndTheAlphas) {
  const Safetensors whole = parse_safetensors(format_noise(example_noise()), "noise");
  for (const char* alphas : {"", "[0.5", "{}", "[\"a\"]", "0.5", "[0.5]"}) {
    Safetensors damaged = whole;
    damaged.metadata["alphas"] = alphas;
    expect_error(ErrorCode::kCorrupt, "noise.safetensors",
                 [&] { parse_noise(format_safetensors(damaged)); });
  }
  for (const char* key : {"alphas", "format"}) {
    Safetensors damaged = whole;
    damaged.metadata.erase(key);
    expect_error(ErrorCode::kCorrupt, key, [&] { parse_noise(format_safetensors(damaged)); });
  }
}

}  // namespace
}  // namespace scrim
