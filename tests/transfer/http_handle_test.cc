#include "transfer/http_handle.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scrim {
namespace {

TEST(HeaderLines, KeepsTheirOrder) {
  HeaderLines lines;
  EXPECT_EQ(lines.get(), nullptr);
  lines.add("One: 1");
  lines.add("Expect:");
  ASSERT_NE(lines.get(), nullptr);
  EXPECT_STREQ(lines.get()->data, "One: 1");
  EXPECT_STREQ(lines.get()->next->data, "Expect:");
}

TEST(HeaderLines, RefusesTwoInOneWithoutShowingIt) {
  HeaderLines lines;
  for (const std::string& end : std::vector<std::string>{"\r\nHost: x", "\n", "\r", {"\0x", 2}}) {
    expect_error(ErrorCode::kInvalidArgument, "a line of a request's head holds the end of a line",
                 [&] { lines.add("Authorization: secret" + end); });
  }
  EXPECT_EQ(lines.get(), nullptr);
}

TEST(FailCall, SaysWhatBecameOfACall) {
  const HttpPatience patience{std::chrono::seconds(2), std::chrono::seconds(30)};
  const auto fails = [&](CURLcode code, ErrorCode as, const std::string& words) {
    expect_error(as, words, [&] { fail_call(code, "server x", patience); });
  };
  fails(CURLE_COULDNT_CONNECT, ErrorCode::kUnavailable, "server x cannot be reached");
  fails(CURLE_OPERATION_TIMEDOUT, ErrorCode::kUnavailable,
        "did not answer within 30000 ms, or take the connection within 2000 ms");
  fails(CURLE_PEER_FAILED_VERIFICATION, ErrorCode::kRefused, "certificate that is not trusted");
  fails(CURLE_SSL_PINNEDPUBKEYNOTMATCH, ErrorCode::kRefused, "another key than the pinned one");
  fails(CURLE_SSL_CONNECT_ERROR, ErrorCode::kRefused, "do not agree on TLS");
  fails(CURLE_GOT_NOTHING, ErrorCode::kUnavailable, "broke the call off");
}

TEST(FailCall, OnlyWhatNeverArrivedWasNotSent) {
  EXPECT_TRUE(was_not_sent(CURLE_COULDNT_CONNECT));
  EXPECT_FALSE(was_not_sent(CURLE_GOT_NOTHING));
  EXPECT_TRUE(broke_off(CURLE_GOT_NOTHING));
  EXPECT_FALSE(broke_off(CURLE_PEER_FAILED_VERIFICATION));
}

}  // namespace
}  // namespace scrim
