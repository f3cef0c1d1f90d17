// The keyed stream (ChaCha20, RFC 8439) and its mapping to normals, the same on every back end.
//
// docs/formats/noise_stream.md describes both byte by byte, with test vectors.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace scrim {

// Names one stream. A pair of key and nonce must never serve two different samples: whoever holds
// two releases under one draw can subtract the noise.
struct StreamKey {
  std::array<std::uint8_t, 32> key;
  std::array<std::uint8_t, 12> nonce;
};

inline constexpr std::size_t kWordsPerBlock = 16;
inline constexpr std::size_t kBlocksPerGroup = 32;
// The 512 values of a group come from 32 consecutive blocks; the layout lets one lane (or one GPU
// thread) own a block and still write whole vectors.
inline constexpr std::size_t kGroup = kWordsPerBlock * kBlocksPerGroup;
// The block counter has 32 bits; a sample beyond this length would repeat its noise.
inline constexpr std::uint64_t kMaxElements = kWordsPerBlock << 32;

using ChaChaState = std::array<std::uint32_t, kWordsPerBlock>;

// The sixteen input words: constants, key, counter, nonce.
ChaChaState chacha20_state(const StreamKey& key, std::uint32_t counter) noexcept;

// The keystream block of a state, as sixteen words (little-endian in the byte stream).
ChaChaState chacha20_block(const ChaChaState& state) noexcept;

// Two independent N(0, 1) values from two words, by Box and Muller: r cos(angle), r sin(angle).
// Computed in double, so each is the float32 nearest to its definition (to 0.5001 ulp).
std::pair<float, float> box_muller(std::uint32_t w1, std::uint32_t w2) noexcept;

}  // namespace scrim
