// Pictures whose cells have one random colour each, a head that returns that colour, and what the
// best attacker can make of it: a case with a known answer.
#pragma once

#include "audit/decoder.h"
#include "base/random.h"

#include <torch/types.h>

#include <cmath>
#include <vector>

namespace scrim {

inline constexpr int kLinearHeadBlock = 2;
inline constexpr int kLinearHeadCells = 12;  // each way

struct LinearHeadPicture {
  Tensor activation;  // the cells' colours, of unit variance
  Image target;
};

// Levels 64 to 191, uniform and independent: an estimate is hardly ever cut off.
inline std::vector<LinearHeadPicture> linear_head_pictures(int count, std::uint64_t seed) {
  constexpr int kSide = kLinearHeadBlock * kLinearHeadCells;
  const double deviation = std::sqrt((128.0 * 128.0 - 1) / 12);
  Random random(seed);
  std::vector<LinearHeadPicture> pictures;
  for (int i = 0; i < count; ++i) {
    LinearHeadPicture picture{{{1, 3, kLinearHeadCells, kLinearHeadCells}, {}},
                              {kSide, kSide, std::vector<std::uint8_t>(kSide * kSide * 3)}};
    for (int colour = 0; colour < 3; ++colour) {
      for (int cell = 0; cell < kLinearHeadCells * kLinearHeadCells; ++cell) {
        const int level = 64 + random.below(128);
        picture.activation.values.push_back(static_cast<float>((level - 127.5) / deviation));
        for (int p = 0; p < kLinearHeadBlock * kLinearHeadBlock; ++p) {
          const int y = cell / kLinearHeadCells * kLinearHeadBlock + p / kLinearHeadBlock;
          const int x = cell % kLinearHeadCells * kLinearHeadBlock + p % kLinearHeadBlock;
          picture.target.pixels[static_cast<std::size_t>((y * kSide + x) * 3 + colour)] =
              static_cast<std::uint8_t>(level);
        }
      }
    }
    pictures.push_back(picture);
  }
  return pictures;
}

inline std::vector<Decoder::Example> linear_head_examples(
    const std::vector<LinearHeadPicture>& pictures) {
  std::vector<Decoder::Example> examples;
  for (const auto& picture : pictures) examples.push_back({&picture.activation, &picture.target});
  return examples;
}

// No noise, noise alone, and signal-to-noise ratios of 4 and 1/4.
inline std::vector<Condition> linear_head_conditions() {
  NoiseParameters noise;
  noise.channels = noise.directions = 3;
  noise.alphas = {0.2, 0.8};
  noise.scale = {{1, 1, 1}, {1, 1, 1}};
  noise.sigma = {{0.5F, 0.5F, 0.5F}, {2, 2, 2}};
  return conditions_of(noise, noise.alphas, {});
}

// Cells are independent, so that neighbours tell nothing: sigma^2 / (scale^2 + sigma^2).
inline double linear_head_optimum(const Condition& condition) {
  const double s = condition.scale[0], sigma = condition.sigma[0];
  return sigma * sigma / (s * s + sigma * sigma);
}

// Unexplained variance of fresh observations.
inline double linear_head_missed(Decoder& decoder, const std::vector<LinearHeadPicture>& pictures,
                                 std::size_t condition, bool linear) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> errors, targets;
  for (const auto& picture : pictures) {
    const auto seen = decoder.observe(view_of_activation(picture.activation), condition);
    const auto estimate =
        linear ? decoder.linear(seen, condition) : decoder.decode(seen, condition);
    targets.push_back(to_units(picture.target));
    errors.push_back(estimate - targets.back());
  }
  return torch::cat(errors).square().mean().item<double>() /
         torch::cat(targets).var().item<double>();
}

}  // namespace scrim
