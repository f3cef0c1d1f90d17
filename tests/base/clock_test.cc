#include "base/clock.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <chrono>
#include <regex>
#include <string>

namespace scrim {
namespace {

std::string at(std::int64_t seconds) {
  return rfc3339(std::chrono::system_clock::time_point(std::chrono::seconds(seconds)));
}

// Seconds of the epoch as date -u -d gives them, around a leap day and beyond 32 bits.
TEST(Clock, KnownMoments) {
  EXPECT_EQ(at(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(at(951'782'399), "2000-02-28T23:59:59Z");
  EXPECT_EQ(at(951'782'400), "2000-02-29T00:00:00Z");
  EXPECT_EQ(at(4'294'967'296), "2106-02-07T06:28:16Z");
}

TEST(Clock, WhatIsWrittenIsRead) {
  const auto read = [](const std::string& text) {
    return std::chrono::system_clock::to_time_t(parse_rfc3339(text));
  };
  EXPECT_EQ(read("2000-02-29T00:00:00Z"), 951'782'400);
  EXPECT_EQ(read("2000-02-29T00:00:00.999999Z"), 951'782'400);
  EXPECT_EQ(read("2000-02-29T02:30:00+02:30"), 951'782'400);
  EXPECT_EQ(read("2000-02-28T23:00:00-01:00"), 951'782'400);
  for (const char* none : {"", "today", "2000-02-29", "2000-02-29T00:00:00", "2000-13-01T00:00:00Z",
                           "2000-02-29T00:00:00Zx", "2000-02-29T00:00:00+2"}) {
    expect_error(ErrorCode::kCorrupt, "is no time", [&] { parse_rfc3339(none); });
  }
}

TEST(Clock, NowIsAMomentInTheSameSpelling) {
  const std::regex spelling(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)");
  const std::string before = rfc3339(std::chrono::system_clock::now());
  const std::string now = rfc3339_now();
  EXPECT_TRUE(std::regex_match(now, spelling)) << now;
  EXPECT_GE(now, before);  // the spelling sorts by time
}

}  // namespace
}  // namespace scrim
