// Activations that look like a network's, with noise and without.
#pragma once

#include "release/wire_layout.h"
#include "server/small_models.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace scrim {

// N x K x H x W: waves over the cells, of unit variance in each direction, times `scale`, and
// normal noise of `sigma` of each direction, on its grid. With sigma 0 nothing is rounded.
inline TensorMessage noisy_tensor(std::vector<std::int64_t> shape, double scale,
                                  const std::vector<float>& sigma, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> uniform(0, 6.28);
  std::vector<float> values;
  for (std::int64_t plane = 0; plane < shape[0] * shape[1]; ++plane) {
    const double phase = uniform(random), slope = uniform(random);
    const float own = sigma[static_cast<std::size_t>(plane % shape[1])];
    for (std::int64_t y = 0; y < shape[2]; ++y) {
      for (std::int64_t x = 0; x < shape[3]; ++x) {
        const double clean =
            std::sqrt(2.0) * std::sin(phase + 0.7 * (std::cos(slope) * static_cast<double>(x) +
                                                     std::sin(slope) * static_cast<double>(y)));
        const auto noisy = static_cast<float>(scale * clean + double{own} * normal(random));
        const float step = grid_step(own);
        values.push_back(own > 0 ? std::nearbyint(noisy / step) * step : noisy);
      }
    }
  }
  return tensor("INPUT__0", Datatype::kFp32, std::move(shape), values);
}

}  // namespace scrim
