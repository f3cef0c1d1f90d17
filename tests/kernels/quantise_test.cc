#include "kernels/quantise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace scrim {
namespace {

std::vector<float> normals(std::size_t count) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

// The extra variance of rounding to a step is step^2 / 12 (uniform error): with a step of sigma/2
// that is sigma^2 / 48, 2.1 % of the noise.
TEST(Quantise, AStepOfHalfSigmaAddsOne48thOfTheNoise) {
  constexpr std::size_t kCount = 1'000'000;
  const std::vector<float> values = normals(kCount);
  std::vector<std::int8_t> codes(kCount);
  std::vector<float> back(kCount);
  EXPECT_EQ(quantise(values, 0.5F, codes), 0U);
  dequantise(codes, 0.5F, back);
  double error = 0;
  for (std::size_t i = 0; i < kCount; ++i) {
    error += (back[i] - values[i]) * static_cast<double>(back[i] - values[i]);
  }
  // The squared error of one value has standard deviation step^2 / sqrt(180).
  const double five_standard_errors = 5 * 0.25 / std::sqrt(180.0 * kCount);
  EXPECT_NEAR(error / kCount, 1.0 / 48, five_standard_errors);
}

TEST(Quantise, TheDefaultBackEndIsOneOfThem) {
  const std::vector<float> values = normals(1000);
  std::vector<std::int16_t> codes(1000), expected(1000);
  EXPECT_EQ(quantise(values, 1e-4F, codes), quantise(Backend::kReference, values, 1e-4F, expected));
  EXPECT_EQ(codes, expected);
  std::vector<std::uint16_t> halves(1000), expected_halves(1000);
  to_half(values, halves);
  to_half(Backend::kCuda, values, expected_halves);
  EXPECT_EQ(halves, expected_halves);
  std::vector<float> back(1000);
  from_half(halves, back);
  for (std::size_t i = 0; i < back.size(); ++i) {
    EXPECT_NEAR(back[i], values[i], std::abs(values[i]) * 0x1p-11F + 0x1p-25F) << i;
  }
}

}  // namespace
}  // namespace scrim
