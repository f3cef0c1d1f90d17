#include "kernels/quantise.h"

#include "kernels/quantise_backends.h"

namespace scrim {

std::size_t quantise(Backend backend, std::span<const float> in, float step,
                     std::span<std::int8_t> codes) noexcept {
  return backend == Backend::kReference ? reference::quantise(in, step, codes)
                                        : simd::quantise(in, step, codes);
}

std::size_t quantise(Backend backend, std::span<const float> in, float step,
                     std::span<std::int16_t> codes) noexcept {
  return backend == Backend::kReference ? reference::quantise(in, step, codes)
                                        : simd::quantise(in, step, codes);
}

void dequantise(Backend backend, std::span<const std::int8_t> codes, float step,
                std::span<float> out) noexcept {
  if (backend == Backend::kReference) return reference::dequantise(codes, step, out);
  simd::dequantise(codes, step, out);
}

void dequantise(Backend backend, std::span<const std::int16_t> codes, float step,
                std::span<float> out) noexcept {
  if (backend == Backend::kReference) return reference::dequantise(codes, step, out);
  simd::dequantise(codes, step, out);
}

std::size_t to_half(Backend backend, std::span<const float> in,
                    std::span<std::uint16_t> halves) noexcept {
  return backend == Backend::kReference ? reference::to_half(in, halves)
                                        : simd::to_half(in, halves);
}

void from_half(Backend backend, std::span<const std::uint16_t> halves,
               std::span<float> out) noexcept {
  if (backend == Backend::kReference) return reference::from_half(halves, out);
  simd::from_half(halves, out);
}

std::size_t quantise(std::span<const float> in, float step, std::span<std::int8_t> codes) noexcept {
  return simd::quantise(in, step, codes);
}

std::size_t quantise(std::span<const float> in, float step,
                     std::span<std::int16_t> codes) noexcept {
  return simd::quantise(in, step, codes);
}

void dequantise(std::span<const std::int8_t> codes, float step, std::span<float> out) noexcept {
  simd::dequantise(codes, step, out);
}

void dequantise(std::span<const std::int16_t> codes, float step, std::span<float> out) noexcept {
  simd::dequantise(codes, step, out);
}

std::size_t to_half(std::span<const float> in, std::span<std::uint16_t> halves) noexcept {
  return simd::to_half(in, halves);
}

void from_half(std::span<const std::uint16_t> halves, std::span<float> out) noexcept {
  simd::from_half(halves, out);
}

}  // namespace scrim
