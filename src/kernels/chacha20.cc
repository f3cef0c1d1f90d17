#include "kernels/chacha20.h"

#include <bit>
#include <cmath>
#include <numbers>

namespace scrim {
namespace {

std::uint32_t load_little_endian(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

void quarter_round(ChaChaState& x, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
  x[a] += x[b], x[d] = std::rotl(x[d] ^ x[a], 16);
  x[c] += x[d], x[b] = std::rotl(x[b] ^ x[c], 12);
  x[a] += x[b], x[d] = std::rotl(x[d] ^ x[a], 8);
  x[c] += x[d], x[b] = std::rotl(x[b] ^ x[c], 7);
}

}  // namespace

ChaChaState chacha20_state(const StreamKey& key, std::uint32_t counter) noexcept {
  ChaChaState state = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};  // "expand 32-byte k"
  for (std::size_t i = 0; i < 8; ++i) state[4 + i] = load_little_endian(&key.key[4 * i]);
  state[12] = counter;
  for (std::size_t i = 0; i < 3; ++i) state[13 + i] = load_little_endian(&key.nonce[4 * i]);
  return state;
}

ChaChaState chacha20_block(const ChaChaState& state) noexcept {
  ChaChaState x = state;
  for (int double_round = 0; double_round < 10; ++double_round) {
    for (std::size_t i = 0; i < 4; ++i) quarter_round(x, i, 4 + i, 8 + i, 12 + i);
    for (std::size_t i = 0; i < 4; ++i) {
      quarter_round(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
    }
  }
  for (std::size_t i = 0; i < kWordsPerBlock; ++i) x[i] += state[i];
  return x;
}

std::pair<float, float> box_muller(std::uint32_t w1, std::uint32_t w2) noexcept {
  // The roundings of u1 and m to float32 belong to the definition: what follows is then a function
  // of two float32 values, and each back end can meet it near the zeros of ln, cos and sin as well.
  const double u1 = static_cast<double>(static_cast<float>(w1) + 0.5F) * 0x1p-32;
  const auto quadrant = static_cast<std::int32_t>(w2 + 0x20000000U) >> 30;
  const auto m = static_cast<std::int32_t>(w2 - (static_cast<std::uint32_t>(quadrant) << 30));
  const double angle = static_cast<double>(static_cast<float>(m)) * (std::numbers::pi * 0x1p-31);

  const double r = std::sqrt(-2.0 * std::log(u1));
  const double c = r * std::cos(angle);
  const double s = r * std::sin(angle);
  const std::array<double, 4> turn = {c, -s, -c, s};  // cos(angle + quadrant * pi / 2)
  const auto q = static_cast<std::size_t>(quadrant & 3);
  return {static_cast<float>(turn[q]), static_cast<float>(turn[(q + 3) % 4])};
}

}  // namespace scrim
