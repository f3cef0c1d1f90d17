#include "repository/config_fault.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(ConfigFault, AShownTextIsOnePrintableLineOfBoundedLength) {
  EXPECT_EQ(shown("INPUT__0"), "'INPUT__0'");
  EXPECT_EQ(shown(""), "''");
  EXPECT_EQ(shown("a\nb\xff\x1b[31m"), "'a?b??[31m'");
  EXPECT_EQ(shown(std::string(64, 'x')), "'" + std::string(64, 'x') + "'");
  EXPECT_EQ(shown(std::string(65, 'x')), "'" + std::string(64, 'x') + "...'");
}

TEST(ConfigFault, AFaultNamesTheModel) {
  expect_error(ErrorCode::kInvalidArgument, "model 'm': count 3 is above 2",
               [] { invalid("m", "count ", 3, " is above ", 2); });
  expect_error(ErrorCode::kUnsupported, "model 'm': runtime is not served here",
               [] { unserved("m", "runtime"); });
}

}  // namespace
}  // namespace scrim
