// The back ends behind quantise.h: each defines the same six functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace scrim {

inline constexpr float kMostHalf = 65504.0F;
inline constexpr unsigned kHalfInfinity = 0x7C00;  // from here on infinity, then NaNs

namespace reference {
std::size_t quantise(std::span<const float> in, float step, std::span<std::int8_t> codes) noexcept;
std::size_t quantise(std::span<const float> in, float step, std::span<std::int16_t> codes) noexcept;
void dequantise(std::span<const std::int8_t> codes, float step, std::span<float> out) noexcept;
void dequantise(std::span<const std::int16_t> codes, float step, std::span<float> out) noexcept;
std::size_t to_half(std::span<const float> in, std::span<std::uint16_t> halves) noexcept;
void from_half(std::span<const std::uint16_t> halves, std::span<float> out) noexcept;
}  // namespace reference

namespace simd {
std::size_t quantise(std::span<const float> in, float step, std::span<std::int8_t> codes) noexcept;
std::size_t quantise(std::span<const float> in, float step, std::span<std::int16_t> codes) noexcept;
void dequantise(std::span<const std::int8_t> codes, float step, std::span<float> out) noexcept;
void dequantise(std::span<const std::int16_t> codes, float step, std::span<float> out) noexcept;
std::size_t to_half(std::span<const float> in, std::span<std::uint16_t> halves) noexcept;
void from_half(std::span<const std::uint16_t> halves, std::span<float> out) noexcept;
}  // namespace simd

}  // namespace scrim
