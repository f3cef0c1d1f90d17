// The loop that defines correct.
#include "kernels/add_noise_backends.h"

#include <algorithm>
#include <cmath>

namespace scrim::reference {
namespace {

// The inverse of "word j of block l is value 128 * (j / 4) + 4 * l + j % 4 of its group", for the
// pair of words that value i needs.
float normal(const StreamKey& key, std::size_t i) {
  const std::size_t in_group = i % kGroup;
  const std::size_t block = in_group % 128 / 4;
  const std::size_t word = in_group / 128 * 4 + in_group % 4;
  const auto counter = static_cast<std::uint32_t>(i / kGroup * kBlocksPerGroup + block);
  const ChaChaState words = chacha20_block(chacha20_state(key, counter));
  const auto [even, odd] = box_muller(words[word & ~std::size_t{1}], words[word | 1]);
  return word % 2 == 0 ? even : odd;
}

}  // namespace

void add_noise(const AddNoise& op, Part part) noexcept {
  const std::size_t channel_size = op.in.size() / op.scale.size();
  for (std::size_t i = part.first; i < part.first + part.count; ++i) {
    const std::size_t c = i / channel_size;
    const float signal = op.scale[c] * std::clamp(op.in[i], -op.clip, op.clip);
    op.out[i] = std::fma(op.sigma[c], normal(op.key, i), signal);
  }
}

void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept {
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = normal(key, first + i);
}

}  // namespace scrim::reference
