// The loops that define correct.
#include "kernels/quantise_backends.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace scrim::reference {
namespace {

template <typename Code>
std::size_t quantise_to(std::span<const float> in, float step, std::span<Code> codes) {
  constexpr auto kMost = static_cast<float>(std::numeric_limits<Code>::max());
  const float inverse = 1.0F / step;
  std::size_t held = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    const float steps = std::nearbyint(in[i] * inverse);
    held += std::abs(steps) > kMost ? 1 : 0;
    codes[i] = static_cast<Code>(std::clamp(steps, -kMost, kMost));
  }
  return held;
}

template <typename Code>
void dequantise_from(std::span<const Code> codes, float step, std::span<float> out) {
  for (std::size_t i = 0; i < codes.size(); ++i) out[i] = static_cast<float>(codes[i]) * step;
}

// A binary16 has 10 bits after the point, and steps of 2^-24 below 2^-14.
std::uint16_t half_of(float value) {
  const float magnitude = std::min(std::abs(value), kMostHalf);
  const int exponent = std::max(std::ilogb(std::max(magnitude, 0x1p-14F)), -14);
  const float steps = std::nearbyint(std::ldexp(magnitude, 10 - exponent));  // at most 2^11
  // A carry into the next exponent adds up by itself.
  const auto bits = static_cast<std::uint32_t>((exponent + 14) * 1024 + static_cast<int>(steps));
  return static_cast<std::uint16_t>(bits | (std::signbit(value) ? 0x8000U : 0U));
}

float float_of(std::uint16_t half) {
  const int exponent = std::max((half >> 10) & 0x1F, 1);
  const int fraction = (half & 0x3FF) + (((half >> 10) & 0x1F) == 0 ? 0 : 1024);
  const float magnitude = exponent == kHalfInfinity >> 10
                              ? std::bit_cast<float>(0x7F800000U | (half & 0x3FFU) << 13)
                              : std::ldexp(static_cast<float>(fraction), exponent - 25);
  return std::copysign(magnitude, (half & 0x8000) == 0 ? 1.0F : -1.0F);
}

}  // namespace

std::size_t quantise(std::span<const float> in, float step, std::span<std::int8_t> codes) noexcept {
  return quantise_to(in, step, codes);
}

std::size_t quantise(std::span<const float> in, float step,
                     std::span<std::int16_t> codes) noexcept {
  return quantise_to(in, step, codes);
}

void dequantise(std::span<const std::int8_t> codes, float step, std::span<float> out) noexcept {
  dequantise_from(codes, step, out);
}

void dequantise(std::span<const std::int16_t> codes, float step, std::span<float> out) noexcept {
  dequantise_from(codes, step, out);
}

std::size_t to_half(std::span<const float> in, std::span<std::uint16_t> halves) noexcept {
  std::size_t held = 0;
  for (std::size_t i = 0; i < in.size(); ++i) {
    held += std::abs(in[i]) > kMostHalf ? 1 : 0;
    halves[i] = half_of(in[i]);
  }
  return held;
}

void from_half(std::span<const std::uint16_t> halves, std::span<float> out) noexcept {
  for (std::size_t i = 0; i < halves.size(); ++i) out[i] = float_of(halves[i]);
}

}  // namespace scrim::reference
