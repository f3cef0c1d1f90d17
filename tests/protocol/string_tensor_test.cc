#include "protocol/string_tensor.h"

#include <gtest/gtest.h>

#include <string>

namespace scrim {
namespace {

TEST(StringTensor, TakesBackWhatWasAppended) {
  const std::string with_zero("a\0b", 3);
  std::string tensor;
  append_string(tensor, "");
  append_string(tensor, with_zero);
  EXPECT_EQ(tensor, std::string("\0\0\0\0\3\0\0\0a\0b", 11));
  std::string_view rest = tensor;
  EXPECT_EQ(take_string(rest), "");
  EXPECT_EQ(take_string(rest), with_zero);
  EXPECT_TRUE(rest.empty());
  EXPECT_FALSE(take_string(rest));
}

TEST(StringTensor, WhatIsNotWholeStays) {
  for (const std::size_t kept : {1, 3, 4, 6}) {
    std::string tensor;
    append_string(tensor, "abc");
    tensor.resize(kept);
    std::string_view rest = tensor;
    EXPECT_FALSE(take_string(rest)) << kept;
    EXPECT_EQ(rest.size(), kept);
    EXPECT_EQ(first_string_length(rest).has_value(), kept >= 4);
  }
}

TEST(StringTensor, ALengthBeyondTheEndIsNotAdded) {
  std::string_view rest("\xff\xff\xff\xff...", 7);
  EXPECT_EQ(first_string_length(rest), 0xffffffffU);
  EXPECT_FALSE(take_string(rest));
}

}  // namespace
}  // namespace scrim
