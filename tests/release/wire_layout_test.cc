#include "release/wire_layout.h"

#include "support/expect_error.h"
#include "support/release_parts.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace scrim {
namespace {

WireHeader example_header() { return {WireType::kInt8, std::string(64, 'a'), 0.8, {1, 3, 5, 7}}; }

TEST(WireHeader, HasTheDocumentedBytes) {
  const std::string bytes = format_wire_header(example_header());
  std::string expected = "SCRIMW01";
  expected += std::string("\x02\0\0\0\0\0\0\0", 8) + std::string(32, '\xAA');
  const double alpha = 0.8;
  expected.append(reinterpret_cast<const char*>(&alpha), 8);
  expected += std::string("\1\0\0\0\3\0\0\0\5\0\0\0\7\0\0\0", 16);
  EXPECT_EQ(bytes, expected);
  EXPECT_EQ(bytes.size(), kWireHeaderBytes);
}

TEST(WireHeader, WhatIsWrittenIsRead) {
  for (const WireType type : {WireType::kFp32, WireType::kFp16, WireType::kInt8}) {
    WireHeader header = example_header();
    header.type = type;
    header.shape = {4, 128, 4'000'000'000, 1};
    const WireHeader read = parse_wire_header(format_wire_header(header) + "payload");
    EXPECT_EQ(read.type, type);
    EXPECT_EQ(read.release_id, header.release_id);
    EXPECT_EQ(read.alpha, 0.8);
    EXPECT_EQ(read.shape, header.shape);
  }
}

TEST(WireHeader, WhatIsNoneIsRefused) {
  const std::string whole = format_wire_header(example_header());
  const auto refuse = [&](ErrorCode code, const char* part, std::size_t at, char byte) {
    std::string changed = whole;
    changed[at] = byte;
    expect_error(code, part, [&] { parse_wire_header(changed); });
  };
  refuse(ErrorCode::kCorrupt, "no noisy activation", 0, 'X');
  refuse(ErrorCode::kUnsupported, "another version than 01", 7, '2');
  refuse(ErrorCode::kCorrupt, "a type that there is not", 8, 3);
  refuse(ErrorCode::kCorrupt, "a type that there is not", 8, '\xFF');
  refuse(ErrorCode::kCorrupt, "a type that there is not", 12, 1);
  refuse(ErrorCode::kCorrupt, "a size of 0", 56, 0);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_error(ErrorCode::kCorrupt, "no noisy activation",
                 [&] { parse_wire_header(whole.substr(0, size)); });
  }
}

TEST(WireHeader, RandomBytesNeverCrash) {
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = format_wire_header(example_header());
    for (int flips = 0; flips < 3; ++flips) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    try {
      const WireHeader header = parse_wire_header(bytes);
      EXPECT_EQ(format_wire_header(header), bytes) << "one spelling";
    } catch (const Error& error) {
      EXPECT_TRUE(error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported);
    }
  }
}

TEST(WireHeader, WhatHasNoPlaceIsRefused) {
  WireHeader header = example_header();
  header.shape[2] = std::int64_t{1} << 32;
  expect_error(ErrorCode::kInvalidArgument, "no place", [&] { format_wire_header(header); });
  header.shape = {1, 3, 5};
  expect_error(ErrorCode::kInvalidArgument, "N x K x H x W", [&] { format_wire_header(header); });
  header = example_header();
  header.release_id = "abc";
  expect_error(ErrorCode::kInvalidArgument, "64 hexadecimal", [&] { format_wire_header(header); });
}

TEST(WirePlanes, AreTheDirectionsThatCarrySomething) {
  const NoiseParameters noise = example_noise();
  const auto planes = wire_planes(noise, 1, WireType::kFp16);  // the last of three is silent
  ASSERT_EQ(planes.size(), 2U);
  EXPECT_EQ(planes[1].direction, 1);
  EXPECT_EQ(planes[1].code, PlaneCode::kHalf);
  EXPECT_EQ(planes[1].element_bytes(), 2U);
  EXPECT_EQ(wire_planes(noise, 0, WireType::kFp32)[2].element_bytes(), 4U);
}

TEST(WirePlanes, ARatioAbove250NeedsInt16) {
  NoiseParameters noise = example_noise();
  noise.scale[0] = {15.8F, 15.9F, 1.0F};  // squares 249.6, 252.8
  noise.sigma[0] = {1.0F, 1.0F, 4.0F};
  const auto planes = wire_planes(noise, 0, WireType::kInt8);
  EXPECT_EQ(planes[0].code, PlaneCode::kInt8);
  EXPECT_EQ(planes[1].code, PlaneCode::kInt16);
  EXPECT_EQ(planes[0].element_bytes(), 1U);
  EXPECT_EQ(planes[1].element_bytes(), 2U);
  EXPECT_EQ(planes[2].step, 2.0F);
}

TEST(WirePlanes, ASigmaWithoutAStepIsRefused) {
  NoiseParameters noise = example_noise();
  noise.sigma[0][1] = 1e-44F;
  expect_error(ErrorCode::kInvalidArgument, "direction 1 makes no step",
               [&] { wire_planes(noise, 0, WireType::kInt8); });
}

}  // namespace
}  // namespace scrim
