#include "transfer/server_url.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(ServerUrl, AnAddressIsPlainHttp) {
  const ServerUrl url = parse_server_url("192.168.0.152:8000");
  EXPECT_EQ(url.base, "http://192.168.0.152:8000");
  EXPECT_EQ(url.host, "192.168.0.152:8000");
  EXPECT_FALSE(url.tls);
  EXPECT_FALSE(url.loopback);
}

TEST(ServerUrl, ThisMachineIsKnownByItsNames) {
  for (const char* own : {"localhost:8000", "127.0.0.1:8000", "http://127.3.2.1", "[::1]:8000"}) {
    EXPECT_TRUE(parse_server_url(own).loopback) << own;
  }
  for (const char* other :
       {"localhost.example.org", "example.org:80", "10.0.0.127", "[::2]", "https://128.0.0.1"}) {
    EXPECT_FALSE(parse_server_url(other).loopback) << other;
  }
}

// Names that begin like an address of this machine and are another's.
TEST(ServerUrl, ANameIsNoAddressOfThisMachine) {
  EXPECT_FALSE(parse_server_url("127.0.0.1.example.org").loopback);
  EXPECT_FALSE(parse_server_url("127.example.org:8000").loopback);
}

TEST(ServerUrl, APathStaysAndItsSlashGoes) {
  const ServerUrl url = parse_server_url("https://example.org/triton/");
  EXPECT_EQ(url.base, "https://example.org/triton");
  EXPECT_TRUE(url.tls);
}

TEST(ServerUrl, AnythingElseIsRefused) {
  for (const char* text : {"", "ftp://example.org", "http://", "file:///etc/passwd", "a b", ":80",
                           "example.org:99999"}) {
    expect_error(ErrorCode::kInvalidArgument, "is no server", [&] { parse_server_url(text); });
  }
  for (const char* text : {"http://user:word@example.org", "example.org?a=b", "example.org#x"}) {
    expect_error(ErrorCode::kInvalidArgument, "no user, query or fragment",
                 [&] { parse_server_url(text); });
  }
}

}  // namespace
}  // namespace scrim
