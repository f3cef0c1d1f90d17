#include "noise/activation_checks.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace scrim {
namespace {

void expect_refused(const Shape& shape, std::size_t count, const char* part) {
  expect_error(ErrorCode::kInvalidArgument, part, [&] { check_activation_shape(shape, 3, count); });
}

TEST(ActivationShape, IsFourSizesThatFitTheValues) {
  EXPECT_NO_THROW(check_activation_shape({2, 3, 5, 7}, 3, 210));
  expect_refused({1, 4, 1, 1}, 4, "4 directions, the release 3");
  expect_refused({3, 5, 7}, 105, "N x K x H x W, got 3x5x7");
  expect_refused({1, 3, 0, 1}, 0, "got 1x3x0x1");
  expect_refused({1, 3, 5, 7}, 104, "has 105 values, got 104");
  expect_refused({1, 3, 1 << 20, 1 << 20}, 3, "at most 68719476736 values");
}

TEST(ActivationValues, AreFiniteAndTheirPlaceIsNamed) {
  std::vector<float> values(10, 1.0F);
  EXPECT_NO_THROW(check_activation_values(values));
  for (const float bad :
       {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
        std::numeric_limits<float>::quiet_NaN()}) {
    values[7] = bad;
    expect_error(ErrorCode::kInvalidArgument, "value 7 of the activation is not finite",
                 [&] { check_activation_values(values); });
  }
}

}  // namespace
}  // namespace scrim
