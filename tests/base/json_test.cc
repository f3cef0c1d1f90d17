#include "base/json.h"

#include <gtest/gtest.h>

#include <string>

#include "support/expect_error.h"

namespace scrim {
namespace {

TEST(ParseJson, KeepsTheOrderOfKeysAndTheSortedKindSortsThem) {
  EXPECT_EQ(parse_json(R"({"b":1,"a":[2.5,null,true]})", "x").dump(),
            R"({"b":1,"a":[2.5,null,true]})");
  EXPECT_EQ(parse_sorted_json(R"({"b":1,"a":2})", "x").dump(), R"({"a":2,"b":1})");
}

TEST(ParseJson, NamesTheTextAndTheByteButNotTheContent) {
  const std::string text = R"({"secret": nope})";
  expect_error(ErrorCode::kCorrupt, "settings is not valid JSON at byte 13",
               [&] { parse_json(text, "settings"); });
  try {
    parse_json(text, "settings");
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
  }
}

TEST(ParseJson, RefusesWhatIsNotOneValue) {
  for (const char* text : {"", " ", "{", "[1,]", "{} {}", "nan", "'a'", "{\"a\":1,}", "\"\xff\"",
                           "// comment\n1", "01", "\"\\ud800\""}) {
    expect_error(ErrorCode::kCorrupt, "text is", [text] { parse_json(text, "text"); });
    expect_error(ErrorCode::kCorrupt, "text is", [text] { parse_sorted_json(text, "text"); });
  }
}

TEST(ParseJson, RefusesANumberThatNoDoubleHolds) {
  expect_error(ErrorCode::kCorrupt, "out of range", [] { parse_json("[1e999]", "text"); });
}

TEST(ParseJson, RefusesTheSameKeyTwiceInOneObjectOnly) {
  expect_error(ErrorCode::kCorrupt, "same key twice",
               [] { parse_json(R"({"a":1,"b":{"c":1},"a":2})", "text"); });
  expect_error(ErrorCode::kCorrupt, "same key twice",
               [] { parse_sorted_json(R"([{"a":{"b":1,"b":1}}])", "text"); });
  EXPECT_NO_THROW(parse_json(R"([{"a":{"a":1}},{"a":2}])", "text"));
}

TEST(ParseJson, NestingEndsAtTheLimit) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_NO_THROW(parse_json(nested(kMaxJsonDepth), "text"));
  for (const int depth : {kMaxJsonDepth + 1, 1'000'000}) {
    expect_error(ErrorCode::kCorrupt, "nested deeper", [&] { parse_json(nested(depth), "text"); });
  }
}

}  // namespace
}  // namespace scrim
