#include "kernels/quantise.h"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <vector>

namespace scrim {
namespace {

constexpr Backend kReference = Backend::kReference;

std::uint16_t half_of(float value) {
  std::array<std::uint16_t, 1> half{};
  to_half(kReference, std::array{value}, half);
  return half[0];
}

TEST(QuantiseReference, CodesAreTheNearestStepsHalvesToEven) {
  const std::vector<float> in = {0.0F,  0.5F,   0.75F, 1.0F,   1.5F,
                                 -0.5F, -0.75F, 0.24F, -63.5F, 63.5F};
  std::vector<std::int8_t> codes(in.size());
  EXPECT_EQ(quantise(kReference, in, 0.5F, codes), 0U);
  const std::vector<std::int8_t> expected = {0, 1, 2, 2, 3, -1, -2, 0, -127, 127};
  EXPECT_EQ(codes, expected);
}

TEST(QuantiseReference, WhatLiesBeyondIsHeldAndCounted) {
  const std::vector<float> in = {127.4F, 127.5F, -127.5F, 128.0F, 1e30F, -1e30F, 126.0F};
  std::vector<std::int8_t> codes(in.size());
  EXPECT_EQ(quantise(kReference, in, 1.0F, codes), 5U);
  const std::vector<std::int8_t> expected = {127, 127, -127, 127, 127, -127, 126};
  EXPECT_EQ(codes, expected);
  std::vector<std::int16_t> wide(2);
  EXPECT_EQ(quantise(kReference, std::array{32767.4F, -32768.0F}, 1.0F, wide), 1U);
  EXPECT_EQ(wide, (std::vector<std::int16_t>{32767, -32767}));
}

TEST(QuantiseReference, EveryCodeReturnsToItself) {
  for (const float step : {1e-30F, 3e-4F, 0.1F, 1.0F, 1.7F, 1e30F}) {
    std::vector<std::int16_t> codes(65535), again(65535);
    for (int i = 0; i < 65535; ++i)
      codes[static_cast<std::size_t>(i)] = static_cast<std::int16_t>(i - 32767);
    std::vector<float> values(codes.size());
    dequantise(kReference, codes, step, values);
    EXPECT_EQ(quantise(kReference, values, step, again), 0U) << step;
    EXPECT_EQ(again, codes) << step;
  }
}

TEST(HalfReference, KnownValues) {
  EXPECT_EQ(half_of(0.0F), 0x0000);
  EXPECT_EQ(half_of(-0.0F), 0x8000);
  EXPECT_EQ(half_of(1.0F), 0x3C00);
  EXPECT_EQ(half_of(-2.0F), 0xC000);
  EXPECT_EQ(half_of(65504.0F), 0x7BFF);
  EXPECT_EQ(half_of(0x1p-14F), 0x0400) << "smallest normal";
  EXPECT_EQ(half_of(0x1p-24F), 0x0001) << "smallest subnormal";
  EXPECT_EQ(half_of(0x1p-25F), 0x0000) << "a half goes to even";
  EXPECT_EQ(half_of(0x1.8p-24F), 0x0002) << "a half goes to even";
  EXPECT_EQ(half_of(1.0F + 0x1p-11F), 0x3C00) << "a half goes to even";
  EXPECT_EQ(half_of(1.0F + 0x1.8p-10F), 0x3C02) << "a half goes to even";
  EXPECT_EQ(half_of(0x1.ffep0F + 0x1p-11F), 0x4000) << "carries into the exponent";
  EXPECT_EQ(half_of(0x1.fffp-15F), 0x0400) << "carries into the normal numbers";
}

TEST(HalfReference, EveryFiniteHalfReturnsToItself) {
  std::vector<std::uint16_t> halves, again;
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    if ((bits & 0x7C00) != 0x7C00) halves.push_back(static_cast<std::uint16_t>(bits));
  }
  std::vector<float> values(halves.size());
  from_half(kReference, halves, values);
  again.resize(halves.size());
  EXPECT_EQ(to_half(kReference, values, again), 0U);
  EXPECT_EQ(again, halves);
}

TEST(HalfReference, InfinitiesAndNansStayWhatTheyAre) {
  std::array<float, 4> values{};
  from_half(kReference, std::array<std::uint16_t, 4>{0x7C00, 0xFC00, 0x7C01, 0xFFFF}, values);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(values[0], kInfinity);
  EXPECT_EQ(values[1], -kInfinity);
  EXPECT_TRUE(std::isnan(values[2]) && std::isnan(values[3]));
}

TEST(HalfReference, IsTheNearestOfAll) {
  for (float value = 1e-9F; value < 7e4F; value *= 1.0137F) {
    std::array<float, 3> around{};
    const std::uint16_t half = half_of(value);
    const auto below = static_cast<std::uint16_t>(half == 0 ? 0 : half - 1);
    const auto above = static_cast<std::uint16_t>(half == 0x7BFF ? half : half + 1);
    from_half(kReference, std::array{below, half, above}, around);
    EXPECT_LE(std::abs(around[1] - value), std::abs(around[0] - value)) << value;
    EXPECT_LE(std::abs(around[1] - value), std::abs(around[2] - value)) << value;
  }
}

TEST(HalfReference, WhatLiesBeyondIsHeldAndCounted) {
  std::array<std::uint16_t, 3> halves{};
  EXPECT_EQ(to_half(kReference, std::array{65505.0F, -1e30F, 65504.0F}, halves), 2U);
  EXPECT_EQ(halves, (std::array<std::uint16_t, 3>{0x7BFF, 0xFBFF, 0x7BFF}));
}

}  // namespace
}  // namespace scrim
