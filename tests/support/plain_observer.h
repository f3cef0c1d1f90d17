// Scenes made of cells alone, and a decoder that scales what is seen of them by nothing but noise.
#pragma once

#include "audit/decoder.h"

#include <torch/types.h>

#include <cstdint>
#include <vector>

namespace scrim {

// cells: 1 x K x h x w; the target is grey, `block` pixels a cell.
inline Scene scene_of(const torch::Tensor& cells, int block) {
  const auto values = cells.contiguous();
  const float* begin = values.data_ptr<float>();
  Scene scene;
  scene.activation = {values.sizes().vec(), {begin, begin + values.numel()}};
  scene.target.width = block * static_cast<int>(cells.size(3));
  scene.target.height = block * static_cast<int>(cells.size(2));
  scene.target.pixels.assign(3 * static_cast<std::size_t>(scene.target.width) *
                                 static_cast<std::size_t>(scene.target.height),
                             100);
  return scene;
}

// Knows channels of mean 0 and variance 1 without noise, as noise alone, and at alpha .5 with as
// much noise as signal.
inline Decoder plain_observer(std::int64_t channels, int block) {
  const auto size = static_cast<std::size_t>(channels);
  NoiseParameters noise;
  noise.channels = noise.directions = channels;
  noise.alphas = {0.5};
  noise.scale = noise.sigma = {std::vector<float>(size, 1.0F)};
  Decoder decoder({.channels = channels, .block = block, .width = 8, .upper_width = 0},
                  conditions_of(noise, noise.alphas, {}));
  decoder.set_linear_part(
      {torch::zeros({1, channels, 1, 1}), torch::ones({1, channels, 1, 1}), {}});
  return decoder;
}

}  // namespace scrim
