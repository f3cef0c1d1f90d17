#include <scrim/dataops.h>

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Size, QuantitiesOfKubernetesAreBytes) {
  EXPECT_EQ(parse_size("50Gi"), 53'687'091'200U);
  EXPECT_EQ(parse_size("1"), 1U);
  EXPECT_EQ(parse_size("1k"), 1000U);
  EXPECT_EQ(parse_size("1Ki"), 1024U);
  EXPECT_EQ(parse_size("1.5Gi"), 1'610'612'736U);
  EXPECT_EQ(parse_size("0.5"), 1U) << "a fraction of a byte is one";
  EXPECT_EQ(parse_size("2.0001k"), 2001U);
  EXPECT_EQ(parse_size("7Ei"), std::uint64_t{7} << 60);
}

TEST(Size, WhatIsNoneIsRefused) {
  for (const char* text : {"", "-5Gi", "0", "0Gi", "Gi", "5 Gi", "5gi", "5GiB", "1e3", "1.2.3",
                           "+1", "0x10", "1234567890123456789"}) {
    expect_error(ErrorCode::kInvalidArgument, "size '", [&] { parse_size(text); });
  }
  expect_error(ErrorCode::kInvalidArgument, "above 2^63 - 1", [] { parse_size("8Ei"); });
}

TEST(Size, TheShortestExactTextIsWritten) {
  EXPECT_EQ(size_text(53'687'091'200U), "50Gi");
  EXPECT_EQ(size_text(1'610'612'736U), "1536Mi");
  EXPECT_EQ(size_text(5'000'000'000U), "5G");
  EXPECT_EQ(size_text(1025), "1025");
  EXPECT_EQ(size_text(0), "0");
  for (const std::uint64_t bytes : {1U, 1000U, 1024U, 123456U, 1U << 30}) {
    EXPECT_EQ(parse_size(size_text(bytes)), bytes);
  }
}

}  // namespace
}  // namespace scrim
