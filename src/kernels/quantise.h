// Noisy values as the wire carries them: whole steps in int8 or int16, or IEEE 754 binary16.
//
// Every back end gives the same bits: one multiplication, rounded once, then to the nearest whole
// number (halves to even). docs/formats/wire.md says which values travel how.
#pragma once

#include "kernels/add_noise.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace scrim {

// codes[i] = in[i] * (1/step), rounded, held to +-127 or +-32767. Returns how many were held. The
// caller has checked: equal sizes, finite values, step > 0 with a finite 1/step.
std::size_t quantise(std::span<const float> in, float step, std::span<std::int8_t> codes) noexcept;
std::size_t quantise(std::span<const float> in, float step, std::span<std::int16_t> codes) noexcept;
// out[i] = codes[i] * step. What quantise gives again is the same code.
void dequantise(std::span<const std::int8_t> codes, float step, std::span<float> out) noexcept;
void dequantise(std::span<const std::int16_t> codes, float step, std::span<float> out) noexcept;

// binary16 as its bits, rounded to nearest even, held to +-65504. Returns how many were held.
std::size_t to_half(std::span<const float> in, std::span<std::uint16_t> halves) noexcept;
// Exact; infinities and NaNs stay what they are.
void from_half(std::span<const std::uint16_t> halves, std::span<float> out) noexcept;

// The same on a back end of choice; kCuda runs kSimd, because the values are in host memory.
std::size_t quantise(Backend backend, std::span<const float> in, float step,
                     std::span<std::int8_t> codes) noexcept;
std::size_t quantise(Backend backend, std::span<const float> in, float step,
                     std::span<std::int16_t> codes) noexcept;
void dequantise(Backend backend, std::span<const std::int8_t> codes, float step,
                std::span<float> out) noexcept;
void dequantise(Backend backend, std::span<const std::int16_t> codes, float step,
                std::span<float> out) noexcept;
std::size_t to_half(Backend backend, std::span<const float> in,
                    std::span<std::uint16_t> halves) noexcept;
void from_half(Backend backend, std::span<const std::uint16_t> halves,
               std::span<float> out) noexcept;

}  // namespace scrim
