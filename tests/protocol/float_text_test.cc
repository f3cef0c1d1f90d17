#include "protocol/float_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>

namespace scrim {
namespace {

std::string text_of(float value) {
  std::string text(kFloatTextBytes, '\0');
  text.resize(static_cast<std::size_t>(write_float(value, text.data()) - text.data()));
  return text;
}

// As a reader that knows doubles only.
float read(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  EXPECT_TRUE(error == std::errc() && end == text.data() + text.size()) << text;
  return static_cast<float>(value);
}

void expect_itself(float value) {
  const std::string text = text_of(value);
  const float back = read(text);
  ASSERT_EQ(std::memcmp(&back, &value, sizeof(value)), 0) << text;
}

TEST(FloatText, HasNineDigitsAtMostAndNoZerosBehind) {
  EXPECT_EQ(text_of(0), "0");
  EXPECT_EQ(text_of(-0.0F), "-0.0");
  EXPECT_EQ(text_of(1), "1");
  EXPECT_EQ(text_of(-2.5F), "-2.5");
  EXPECT_EQ(text_of(0.1F), "0.100000001");
  EXPECT_EQ(text_of(123456.7F), "123456.703");
  EXPECT_EQ(text_of(1e8F), "100000000");
  EXPECT_EQ(text_of(0.00001234F), "0.0000123399996");
  EXPECT_EQ(text_of(999999.94F), "999999.938");
  EXPECT_EQ(text_of(1e-20F), "1e-20");
}

TEST(FloatText, EveryFloatNearAPowerOfTenOrTwoReadsBackAsItself) {
  for (int exponent = -45; exponent <= 38; ++exponent) {
    float up = std::pow(10.0F, static_cast<float>(exponent)), down = up;
    for (int i = 0; i < 1000 && std::isfinite(up); ++i) {
      expect_itself(up);
      expect_itself(-down);
      up = std::nextafter(up, std::numeric_limits<float>::infinity());
      down = std::nextafter(down, 0.0F);
    }
  }
  for (int exponent = -149; exponent <= 127; ++exponent) {
    const float power = std::ldexp(1.0F, exponent);
    expect_itself(power);
    expect_itself(std::nextafter(power, 0.0F));
    expect_itself(-std::nextafter(power, 1e38F));
  }
  expect_itself(std::numeric_limits<float>::max());
}

// Every 1021st float; without a string for each, so that there can be many.
TEST(FloatText, FloatsOfAllBitsReadBackAsThemselves) {
  std::size_t others = 0;
  for (std::uint64_t bits = 0; bits < std::uint64_t{1} << 32; bits += 1021) {
    const auto value = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (!std::isfinite(value)) continue;
    char text[kFloatTextBytes];
    const char* end = write_float(value, text);
    double read = 0;
    const auto [stop, error] = std::from_chars(text, end, read);
    const bool same = error == std::errc() && stop == end &&
                      std::bit_cast<std::uint32_t>(static_cast<float>(read)) == bits;
    others += same ? 0 : 1;
  }
  EXPECT_EQ(others, 0U);
}

TEST(FloatText, NormalsOfEveryMagnitudeReadBackAsThemselves) {
  std::mt19937 random(12);
  std::normal_distribution<float> normal;
  for (float scale = 1e-5F; scale < 1e9F; scale *= 10) {
    for (int i = 0; i < 100'000; ++i) expect_itself(scale * normal(random));
  }
}

}  // namespace
}  // namespace scrim
