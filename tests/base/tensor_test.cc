#include <scrim/activation.h>

#include "base/shape_text.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/expect_error.h"

namespace scrim {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

TEST(ElementCount, IsTheProductOfTheSizes) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({7}), 7);
  EXPECT_EQ(element_count({1, 128, 32, 32}), 131'072);
  EXPECT_EQ(element_count({kMost, 1}), kMost);
}

TEST(ElementCount, OfAnEmptyDimensionIsZeroWhateverTheOthers) {
  EXPECT_EQ(element_count({0}), 0);
  EXPECT_EQ(element_count({kMost, kMost, 0}), 0);
}

TEST(ElementCount, RefusesNegativeSizesAndOverflow) {
  expect_error(ErrorCode::kInvalidArgument, "-1", [] { element_count({2, -1}); });
  expect_error(ErrorCode::kInvalidArgument, "-3", [] { element_count({0, -3}); });
  expect_error(ErrorCode::kInvalidArgument, "2^63", [] { element_count({kMost, 2}); });
  expect_error(ErrorCode::kInvalidArgument, "2^63", [] {
    element_count({std::int64_t{1} << 32, std::int64_t{1} << 31});
  });
}

TEST(ShapeText, JoinsSizes) {
  EXPECT_EQ(shape_text({1, 3, -5}), "1x3x-5");
  EXPECT_EQ(shape_text({}), "");
}

}  // namespace
}  // namespace scrim
