#include "protocol/request_json.h"

#include "protocol/expect_request_error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

TEST(RequestJson, SaysAtWhichByteItEndsToBeJson) {
  expect_request_error(RequestFault::kInternal,
                       "failed to parse the request JSON buffer: Missing a name for object member. "
                       "at 1",
                       [&] { parse_request_json("{"); });
  expect_request_error(RequestFault::kInternal,
                       "The document root must not be followed by other values. at 2",
                       [&] { parse_request_json("{}x"); });
  expect_request_error(RequestFault::kInternal, "The document is empty.",
                       [&] { parse_request_json(""); });
  expect_request_error(RequestFault::kInternal, "too big", [&] { parse_request_json("[1e999]"); });
}

TEST(RequestJson, TakesTheNumbersThatJsonLacks) {
  const RequestJson json = parse_request_json("[NaN, Infinity, -Infinity]");
  EXPECT_TRUE(std::isnan(json[0].GetDouble()));
  EXPECT_EQ(json[1].GetDouble(), INFINITY);
  EXPECT_EQ(json[2].GetDouble(), -INFINITY);
}

TEST(RequestJson, NestsAMillionDeepWithoutAStack) {
  const std::string deep(1'000'000, '[');
  expect_request_error(RequestFault::kInternal, "failed to parse",
                       [&] { parse_request_json(deep); });
  const RequestJson json = parse_request_json(deep + std::string(1'000'000, ']'));
  EXPECT_TRUE(json.IsArray());
}

TEST(RequestJson, MembersAreWhatTheyMustBe) {
  const RequestJson json = parse_request_json(R"({"s": "text", "a": [1], "n": 7, "i": -1})");
  EXPECT_EQ(string_member(json, "s"), "text");
  EXPECT_EQ(array_member(json, "a").Size(), 1U);
  EXPECT_EQ(as_unsigned(json["n"], "verb"), 7U);
  EXPECT_EQ(member(json, "none"), nullptr);
  EXPECT_EQ(member(json["a"], "s"), nullptr);
  expect_request_error(RequestFault::kInternal,
                       "Unable to parse 'n': attempt to access JSON non-string as string",
                       [&] { string_member(json, "n"); });
  expect_request_error(
      RequestFault::kInternal,
      "Unable to parse 'none': attempt to access non-existing object member 'none'",
      [&] { array_member(json, "none"); });
  expect_request_error(RequestFault::kInternal, "attempt to access JSON non-array as array",
                       [&] { array_member(json, "s"); });
  expect_request_error(RequestFault::kInternal,
                       "Unable to set 'i': attempt to access JSON non-unsigned-integer as "
                       "unsigned-integer",
                       [&] { as_unsigned(json["i"], "Unable to set 'i'"); });
  expect_request_error(RequestFault::kInternal,
                       "verb: attempt to access JSON non-boolean as boolean",
                       [&] { as_bool(json["n"], "verb"); });
}

}  // namespace
}  // namespace scrim
