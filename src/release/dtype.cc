#include "release/dtype.h"

#include "base/check.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace scrim {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they lie");

// Calls `convert` on each element of type T.
template <typename T, typename Convert>
std::vector<float> convert_each(std::string_view bytes, Convert convert) {
  std::vector<float> values(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < values.size(); ++i) {
    T element;
    std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = convert(element);
  }
  return values;
}

std::vector<float> from_f32(std::string_view bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

std::vector<float> from_f16(std::string_view bytes) {
  return convert_each<std::uint16_t>(bytes, float_from_half);
}

// bfloat16 is the upper half of a float32.
std::vector<float> from_bf16(std::string_view bytes) {
  return convert_each<std::uint16_t>(
      bytes, [](std::uint16_t bits) { return std::bit_cast<float>(std::uint32_t{bits} << 16); });
}

std::vector<float> from_f64(std::string_view bytes) {
  return convert_each<double>(bytes, [](double value) {
    if (std::isfinite(value) && std::abs(value) > std::numeric_limits<float>::max()) {
      fail(ErrorCode::kUnsupported, "the F64 value ", value, " is beyond the range of float32");
    }
    return static_cast<float>(value);
  });
}

template <typename T>
std::vector<float> from_integer(std::string_view bytes) {
  return convert_each<T>(bytes, [](T value) {
    const auto converted = static_cast<float>(value);
    // The largest integers round up to 2^63, which is not in T's range to compare with.
    if (static_cast<long double>(converted) != static_cast<long double>(value)) {
      fail(ErrorCode::kUnsupported, "no float32 holds the integer ", +value, " exactly");
    }
    return converted;
  });
}

constexpr std::array<Dtype, 7> kDtypes = {{
    {"F32", 4, from_f32},
    {"F16", 2, from_f16},
    {"BF16", 2, from_bf16},
    {"F64", 8, from_f64},
    {"I64", 8, from_integer<std::int64_t>},
    {"I32", 4, from_integer<std::int32_t>},
    {"U8", 1, from_integer<std::uint8_t>},
}};

}  // namespace

const Dtype* find_dtype(std::string_view name) {
  const auto* found = std::ranges::find(kDtypes, name, &Dtype::name);
  return found == kDtypes.end() ? nullptr : found;
}

float float_from_half(unsigned bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {  // zero or subnormal: fraction * 2^-24
    const auto magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  const std::uint32_t wide = exponent == 0x1FU ? 0xFFU : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

}  // namespace scrim
