#include "noise/wire.h"

#include <scrim/noise.h>

#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

namespace scrim {
namespace {

constexpr std::array kTypes = {WireType::kFp32, WireType::kFp16, WireType::kInt8};

Key wire_key() {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(1);
  return Key::from_bytes(bytes);
}

Activation wire_activation(const Shape& shape, float width = 1.0F) {
  std::mt19937 generator(1);
  std::normal_distribution<float> normal(0, width);
  Activation activation{{shape, std::vector<float>(element_count(shape))}};
  for (float& value : activation.tensor.values) value = normal(generator);
  return activation;
}

// Three directions: one silent, one above a ratio of 250, one below.
NoiseParameters mixed_noise() {
  NoiseParameters noise;
  noise.channels = 4;
  noise.directions = 3;
  noise.alphas = {std::pow(1 / (1 + 400.0) / (1 + 100.0), 0.25)};
  noise.scale = {{1.0F, 0.0F, 1.0F}};
  noise.sigma = {{0.05F, 0.0F, 0.1F}};
  noise.mean = {0, 0, 0, 0};
  noise.basis = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  noise.decode = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  noise.held_out_variance = {1, 1, 1};
  return noise;
}

class WireTest : public ::testing::Test {
 protected:
  NoisyActivation send(WireType type, const Activation& activation) const {
    return Noise(release_, wire_key(), {.alpha = alpha_, .wire = type})(activation);
  }

  TemporaryFolder folder_;
  Release release_ = tiny_release(folder_, mixed_noise(), "mixed.scrim");
  double alpha_ = mixed_noise().alphas[0];
  Activation activation_ = wire_activation({2, 3, 5, 7});
};

TEST_F(WireTest, ArrivesBitForBit) {
  for (const WireType type : kTypes) {
    const NoisyActivation sent = send(type, activation_);
    const NoisyActivation arrived = from_wire(to_wire(sent, release_), release_);
    EXPECT_EQ(arrived.tensor().shape, sent.tensor().shape);
    EXPECT_EQ(arrived.tensor().values, sent.tensor().values);
    EXPECT_EQ(arrived.release_id(), release_.id());
    EXPECT_EQ(arrived.alpha(), alpha_);
    EXPECT_EQ(arrived.wire_type(), type);
    EXPECT_EQ(to_wire(arrived, release_), to_wire(sent, release_));
  }
}

TEST_F(WireTest, SendsOnlyWhatCarriesSomething) {
  constexpr std::size_t kCells = 2 * 5 * 7;
  EXPECT_EQ(to_wire(send(WireType::kFp32, activation_), release_).size(), 72 + kCells * (4 + 4));
  EXPECT_EQ(to_wire(send(WireType::kFp16, activation_), release_).size(), 72 + kCells * (2 + 2));
  EXPECT_EQ(to_wire(send(WireType::kInt8, activation_), release_).size(), 72 + kCells * (2 + 1))
      << "int16 for the first direction, int8 for the last";
}

TEST_F(WireTest, IsTheSameNoiseRounded) {
  const auto exact = send(WireType::kFp32, activation_).tensor().values;
  const auto half = send(WireType::kFp16, activation_).tensor().values;
  const auto steps = send(WireType::kInt8, activation_).tensor().values;
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const float sigma = mixed_noise().sigma[0][i / 35 % 3];
    EXPECT_LE(std::abs(half[i] - exact[i]), std::abs(exact[i]) * 0x1p-11F) << i;
    EXPECT_LE(std::abs(steps[i] - exact[i]), sigma / 4 * 1.0001F) << i;
    if (sigma == 0) continue;
    EXPECT_EQ(std::nearbyint(steps[i] / (sigma / 2)) * (sigma / 2), steps[i]) << i;
  }
}

TEST_F(WireTest, WhatIsHeldIsCounted) {
  EXPECT_EQ(send(WireType::kInt8, activation_).saturated(), 0);
  EXPECT_EQ(send(WireType::kFp32, wire_activation({1, 3, 20, 20}, 100.0F)).saturated(), 0);
  // Clipped to +-8, 160 steps of .05: beyond int8 in the last direction, far within int16.
  const Activation wide = wire_activation({1, 3, 20, 20}, 100.0F);
  const auto exact = send(WireType::kFp32, wide).tensor().values;
  const NoisyActivation held = send(WireType::kInt8, wide);
  std::int64_t beyond = 0;
  for (std::size_t i = 800; i < 1200; ++i) {
    beyond += std::abs(exact[i]) >= 127.5F * 0.05F ? 1 : 0;
    EXPECT_LE(std::abs(held.tensor().values[i]), 127 * 0.05F);
  }
  EXPECT_GT(beyond, 300);
  EXPECT_EQ(held.saturated(), beyond);
}

TEST_F(WireTest, StickyDrawsAreTheSameOnEveryWire) {
  EXPECT_EQ(send(WireType::kInt8, activation_).tensor().values,
            send(WireType::kInt8, activation_).tensor().values);
}

// What arrives from strangers.

TEST_F(WireTest, AnyOtherLengthIsCorrupt) {
  const std::string whole = to_wire(send(WireType::kInt8, activation_), release_);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_error(ErrorCode::kCorrupt, "noisy activation",
                 [&] { from_wire(whole.substr(0, size), release_); });
  }
  expect_error(ErrorCode::kCorrupt, "number of bytes", [&] { from_wire(whole + "x", release_); });
}

TEST_F(WireTest, AHugeShapeIsRefusedBeforeMemoryIsTaken) {
  std::string bytes = to_wire(send(WireType::kInt8, activation_), release_);
  for (const std::size_t at : {56U, 64U, 68U}) bytes.replace(at, 4, "\xFF\xFF\xFF\xFF");
  expect_error(ErrorCode::kCorrupt, "number of bytes", [&] { from_wire(bytes, release_); });
}

TEST_F(WireTest, ValuesThatNoNoiseHasAreCorrupt) {
  const auto refuse = [&](WireType type, std::size_t at, const std::string& value) {
    std::string bytes = to_wire(send(type, activation_), release_);
    bytes.replace(at, value.size(), value);
    expect_error(ErrorCode::kCorrupt, "no noise has", [&] { from_wire(bytes, release_); });
  };
  refuse(WireType::kFp32, 72, std::string("\0\0\x80\x7F", 4));  // infinity
  refuse(WireType::kFp32, 76, std::string("\1\0\xC0\xFF", 4));  // NaN
  refuse(WireType::kFp16, 72, std::string("\0\x7C", 2));
  refuse(WireType::kFp16, 74, std::string("\1\xFC", 2));
  refuse(WireType::kInt8, 72, std::string("\0\x80", 2));      // int16, -32768
  refuse(WireType::kInt8, 72 + 35 * 2, std::string("\x80"));  // int8, -128
}

TEST_F(WireTest, AnotherReleaseOrAlphaIsNamed) {
  const std::string bytes = to_wire(send(WireType::kInt8, activation_), release_);
  const Release other = tiny_release(folder_, tiny_noise(), "other.scrim");
  expect_error(ErrorCode::kInvalidArgument, "of release " + release_.id().substr(0, 12),
               [&] { from_wire(bytes, other); });
  expect_error(ErrorCode::kInvalidArgument, "of release",
               [&] { to_wire(send(WireType::kInt8, activation_), other); });
  std::string changed = bytes;
  changed[50] = static_cast<char>(changed[50] ^ 1);
  expect_error(ErrorCode::kCorrupt, "does not list", [&] { from_wire(changed, release_); });
}

TEST_F(WireTest, MutationsNeverCrash) {
  std::mt19937 random(2);
  for (const WireType type : kTypes) {
    const std::string whole = to_wire(send(type, activation_), release_);
    for (int round = 0; round < 3000; ++round) {
      std::string bytes = whole.substr(0, whole.size() - (round % 4 == 0 ? random() % 80 : 0));
      for (int flips = 0; flips < 4; ++flips) {
        const std::size_t range = flips == 0 ? 72 : bytes.size();
        bytes[random() % range] = static_cast<char>(random());
      }
      try {
        const NoisyActivation arrived = from_wire(bytes, release_);
        for (const float value : arrived.tensor().values) ASSERT_TRUE(std::isfinite(value));
      } catch (const Error& error) {
        EXPECT_NE(error.code(), ErrorCode::kInternal);
      }
    }
  }
}

}  // namespace
}  // namespace scrim
