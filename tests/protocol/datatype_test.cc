#include "protocol/datatype.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace scrim {
namespace {

TEST(Datatype, NameIsReadBack) {
  for (int i = 0; i <= static_cast<int>(Datatype::kBf16); ++i) {
    const auto type = static_cast<Datatype>(i);
    EXPECT_EQ(datatype_of(name(type)), type) << name(type);
  }
  for (const char* wrong : {"", "fp32", "INT33", "FP32 ", "STRING"}) {
    EXPECT_FALSE(datatype_of(wrong)) << wrong;
  }
}

TEST(Datatype, ElementsHaveTheirWidth) {
  EXPECT_EQ(element_bytes(Datatype::kBool), 1U);
  EXPECT_EQ(element_bytes(Datatype::kUint16), 2U);
  EXPECT_EQ(element_bytes(Datatype::kBf16), 2U);
  EXPECT_EQ(element_bytes(Datatype::kFp32), 4U);
  EXPECT_EQ(element_bytes(Datatype::kInt64), 8U);
  EXPECT_EQ(element_bytes(Datatype::kBytes), 0U);
}

std::optional<std::int64_t> count(std::vector<std::int64_t> shape) {
  return counted_elements(shape);
}

TEST(ElementCount, IsTheProductOrNothingBeyondTheLargest) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(count({}), 1);
  EXPECT_EQ(count({1, 128, 32, 32}), 131072);
  EXPECT_EQ(count({kMost}), kMost);
  EXPECT_EQ(count({kMost, 0, kMost}), 0);
  EXPECT_FALSE(count({kMost, 2}));
  EXPECT_FALSE(count({std::int64_t{1} << 32, std::int64_t{1} << 31}));
  EXPECT_FALSE(count({4, -1}));
  EXPECT_FALSE(count({0, -1}));
}

TEST(ShapeList, IsWrittenAsInJson) {
  EXPECT_EQ(shape_list(std::vector<std::int64_t>{1, 16}), "[1,16]");
  EXPECT_EQ(shape_list({}), "[]");
}

}  // namespace
}  // namespace scrim
