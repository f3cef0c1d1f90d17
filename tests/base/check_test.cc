#include "base/check.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"

namespace scrim {
namespace {

TEST(Check, SaysNothingWhenTheConditionHolds) { EXPECT_NO_THROW(check(true, "never seen")); }

TEST(Check, StreamsItsPartsIntoOneSentence) {
  expect_error(ErrorCode::kInvalidArgument, "alpha must be in (0, 1), got 1.5",
               [] { check(false, "alpha must be in (0, 1), got ", 1.5); });
}

TEST(Fail, KeepsItsCode) {
  expect_error(ErrorCode::kRefused, "no key", [] { fail(ErrorCode::kRefused, "no ", "key"); });
}

}  // namespace
}  // namespace scrim
