#include "release/dtype.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "support/expect_error.h"

namespace scrim {
namespace {

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <typename T>
std::vector<float> convert(std::string_view dtype, const std::vector<T>& values) {
  return find_dtype(dtype)->to_float(bytes_of(values));
}

TEST(Dtype, SizesAreThoseOfTheFormat) {
  const std::vector<std::pair<const char*, std::size_t>> sizes = {
      {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F64", 8}, {"I64", 8}, {"I32", 4}, {"U8", 1}};
  for (const auto& [name, bytes] : sizes) {
    ASSERT_NE(find_dtype(name), nullptr) << name;
    EXPECT_EQ(find_dtype(name)->bytes, bytes) << name;
  }
}

TEST(Dtype, UnknownNamesAreNotFound) {
  for (const char* name : {"", "f32", "F8_E4M3", "BOOL", "F32 ", "I16"}) {
    EXPECT_EQ(find_dtype(name), nullptr) << name;
  }
}

// IEEE 754: (-1)^s * 2^(e-15) * (1 + f/1024), subnormal (-1)^s * 2^-14 * f/1024. Every half is
// exactly a float32, so no tolerance.
TEST(Dtype, EveryHalfFollowsTheDefinition) {
  for (unsigned bits = 0; bits < 0x10000U; ++bits) {
    const int exponent = static_cast<int>(bits >> 10 & 31U);
    const double fraction = (bits & 1023U) / 1024.0;
    const float value = float_from_half(bits);
    ASSERT_EQ(std::signbit(value), (bits & 0x8000U) != 0) << bits;
    if (exponent == 31) {
      ASSERT_EQ(std::isnan(value), fraction != 0) << bits;
      ASSERT_EQ(std::isinf(value), fraction == 0) << bits;
      continue;
    }
    const double expected =
        exponent == 0 ? std::ldexp(fraction, -14) : std::ldexp(1 + fraction, exponent - 15);
    ASSERT_EQ(std::abs(value), expected) << bits;
  }
}

TEST(Dtype, BrainFloatIsTheUpperHalf) {
  const std::vector<std::uint16_t> bits = {0x3F80, 0xC040, 0x7F80, 0x0000};
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(convert("BF16", bits), (std::vector<float>{1.0F, -3.0F, infinity, 0.0F}));
}

TEST(Dtype, FloatsKeepEveryBit) {
  const std::vector<std::uint32_t> bits = {0x7FC00001, 0xFF800000, 0x00000001, 0x80000000};
  const std::vector<float> values = convert("F32", bits);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(values[i]), bits[i]);
  }
}

TEST(Dtype, DoublesBeyondTheRangeAreRefusedAndInfinityIsNot) {
  EXPECT_EQ(convert("F64", std::vector<double>{0.1, -2.5}), (std::vector<float>{0.1F, -2.5F}));
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(convert("F64", std::vector<double>{infinity})[0], infinity);
  expect_error(ErrorCode::kUnsupported, "beyond the range",
               [] { convert("F64", std::vector<double>{1e39}); });
}

TEST(Dtype, IntegersAreExactOrRefused) {
  EXPECT_EQ(convert("I64", std::vector<std::int64_t>{120900, -16777216}),
            (std::vector<float>{120900.0F, -16777216.0F}));
  EXPECT_EQ(convert("I32", std::vector<std::int32_t>{-7}), std::vector<float>{-7.0F});
  EXPECT_EQ(convert("U8", std::vector<std::uint8_t>{255}), std::vector<float>{255.0F});
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t value : {std::int64_t{16777217}, kMost, kMost - 1, -kMost}) {
    expect_error(ErrorCode::kUnsupported, std::to_string(value),
                 [value] { convert("I64", std::vector<std::int64_t>{value}); });
  }
}

}  // namespace
}  // namespace scrim
