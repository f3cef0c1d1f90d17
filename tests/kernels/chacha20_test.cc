#include "kernels/chacha20.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numbers>
#include <string_view>

namespace scrim {
namespace {

// The key 00 01 02 ... 1f of RFC 8439's examples.
StreamKey counting_key(const std::array<std::uint8_t, 12>& nonce) {
  StreamKey key = {.key = {}, .nonce = nonce};
  for (std::size_t i = 0; i < key.key.size(); ++i) key.key[i] = static_cast<std::uint8_t>(i);
  return key;
}

TEST(ChaCha20, BlockIsTheOneOfRfc8439Section232) {
  const StreamKey key = counting_key({0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0});
  const ChaChaState expected = {0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3,
                                0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
                                0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
                                0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2};
  EXPECT_EQ(chacha20_block(chacha20_state(key, 1)), expected);
}

TEST(ChaCha20, KeystreamEncryptsTheTextOfRfc8439Section242) {
  constexpr std::string_view kText =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.";
  constexpr std::array<std::uint8_t, 114> kCipher = {
      0x6e, 0x2e, 0x35, 0x9a, 0x25, 0x68, 0xf9, 0x80, 0x41, 0xba, 0x07, 0x28, 0xdd, 0x0d, 0x69,
      0x81, 0xe9, 0x7e, 0x7a, 0xec, 0x1d, 0x43, 0x60, 0xc2, 0x0a, 0x27, 0xaf, 0xcc, 0xfd, 0x9f,
      0xae, 0x0b, 0xf9, 0x1b, 0x65, 0xc5, 0x52, 0x47, 0x33, 0xab, 0x8f, 0x59, 0x3d, 0xab, 0xcd,
      0x62, 0xb3, 0x57, 0x16, 0x39, 0xd6, 0x24, 0xe6, 0x51, 0x52, 0xab, 0x8f, 0x53, 0x0c, 0x35,
      0x9f, 0x08, 0x61, 0xd8, 0x07, 0xca, 0x0d, 0xbf, 0x50, 0x0d, 0x6a, 0x61, 0x56, 0xa3, 0x8e,
      0x08, 0x8a, 0x22, 0xb6, 0x5e, 0x52, 0xbc, 0x51, 0x4d, 0x16, 0xcc, 0xf8, 0x06, 0x81, 0x8c,
      0xe9, 0x1a, 0xb7, 0x79, 0x37, 0x36, 0x5a, 0xf9, 0x0b, 0xbf, 0x74, 0xa3, 0x5b, 0xe6, 0xb4,
      0x0b, 0x8e, 0xed, 0xf2, 0x78, 0x5e, 0x42, 0x87, 0x4d};
  const StreamKey key = counting_key({0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0});
  ASSERT_EQ(kText.size(), kCipher.size());
  for (std::size_t i = 0; i < kText.size(); ++i) {
    const ChaChaState block =
        chacha20_block(chacha20_state(key, static_cast<std::uint32_t>(1 + i / 64)));
    const auto stream = static_cast<std::uint8_t>(block[i % 64 / 4] >> (8 * (i % 4)));
    EXPECT_EQ(static_cast<std::uint8_t>(kText[i]) ^ stream, kCipher[i]) << "byte " << i;
  }
}

TEST(ChaCha20, StateHoldsEveryBitOfKeyNonceAndCounter) {
  const StreamKey zero = {};
  const ChaChaState state = chacha20_state(zero, 0);
  for (std::size_t bit = 0; bit < 8 * (32 + 12); ++bit) {
    StreamKey key = zero;
    auto& byte = bit < 256 ? key.key[bit / 8] : key.nonce[bit / 8 - 32];
    byte = static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_NE(chacha20_state(key, 0), state) << "bit " << bit;
  }
  EXPECT_EQ(chacha20_state(zero, 0xffffffffU)[12], 0xffffffffU);
}

TEST(BoxMuller, AgreesWithTheFormulaOnTheExactWords) {
  // float32 keeps 24 bits of u1 and m: ln u1 moves by 2^-24, the angle by pi 2^-27 at most.
  std::uint32_t word = 1;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint32_t w1 = word = word * 1664525U + 1013904223U;
    const std::uint32_t w2 = word = word * 1664525U + 1013904223U;
    const double r = std::sqrt(-2 * std::log((w1 + 0.5) * 0x1p-32));
    const double angle = std::numbers::pi * static_cast<std::int32_t>(w2) * 0x1p-31;
    const double tolerance = 0x1p-24 / std::max(r, 0x1p-12) + r * 0x1p-24;
    const auto [even, odd] = box_muller(w1, w2);
    EXPECT_NEAR(even, r * std::cos(angle), tolerance) << w1 << ' ' << w2;
    EXPECT_NEAR(odd, r * std::sin(angle), tolerance) << w1 << ' ' << w2;
  }
}

TEST(BoxMuller, TurnsByQuarters) {
  const float r = box_muller(12345, 0).first;
  EXPECT_EQ(box_muller(12345, 0x00000000U), std::pair(r, 0.0F));
  EXPECT_EQ(box_muller(12345, 0x40000000U), std::pair(-0.0F, r));
  EXPECT_EQ(box_muller(12345, 0x80000000U), std::pair(-r, -0.0F));
  EXPECT_EQ(box_muller(12345, 0xc0000000U), std::pair(0.0F, -r));
}

TEST(BoxMuller, StaysWithinItsLargestValue) {
  EXPECT_NEAR(box_muller(0, 0).first, std::sqrt(2 * 33 * std::numbers::ln2), 1e-6);
  EXPECT_LT(box_muller(0, 0).first, 6.764);
}

TEST(BoxMuller, LargestWordGivesZeroRadius) {
  EXPECT_EQ(box_muller(0xffffffffU, 0x12345678U).first, 0.0F);
  EXPECT_EQ(box_muller(0xffffffffU, 0x12345678U).second, 0.0F);
}

}  // namespace
}  // namespace scrim
