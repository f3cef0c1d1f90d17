#include "kube/credentials.h"

#include "base/clock.h"
#include "base/files.h"
#include "kube/script.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Credentials, WhatTheUserHasIsUsed) {
  const ClusterAccess access{.user = {.certificate = "C", .key = "K", .token = "t"}};
  Credentials credentials(access);
  EXPECT_EQ(credentials.current().certificate, "C");
  EXPECT_EQ(credentials.current().key, "K");
  EXPECT_EQ(credentials.current().token, "t");
  EXPECT_FALSE(credentials.renew());
}

TEST(Credentials, ATokenFileComesBeforeATokenAndIsReadAgain) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "token", "one \n");
  const ClusterAccess access{.user = {.token = "t", .token_file = folder / "token"}};
  Credentials credentials(access);
  EXPECT_EQ(credentials.current().token, "one");
  EXPECT_FALSE(credentials.renew());
  write_file_atomically(folder / "token", "two");
  EXPECT_EQ(credentials.current().token, "one");  // for a minute
  EXPECT_TRUE(credentials.renew());
  EXPECT_EQ(credentials.current().token, "two");
  std::filesystem::remove(folder / "token");
  expect_error(ErrorCode::kUnavailable, "no token", [&] { credentials.renew(); });
}

// The plugin counts its runs, and its tokens last that many seconds.
struct PluginCredentialsTest : testing::Test {
  ClusterAccess access_for(int lasting) {
    const std::string expires =
        rfc3339(std::chrono::system_clock::now() + std::chrono::seconds(lasting));
    const std::string count = folder / "count";
    return {.user = {.plugin = CredentialPlugin{
                         .api_version = "client.authentication.k8s.io/v1",
                         .command = write_script(
                             folder / "plugin",
                             "echo x >> " + count + "; n=$(wc -l < " + count +
                                 "); echo '{\"kind\":\"ExecCredential\",\"apiVersion\":"
                                 "\"client.authentication.k8s.io/v1\",\"status\":{\"token\":"
                                 "\"t'$n'\",\"expirationTimestamp\":\"" +
                                 expires + "\"}}'")}}};
  }
  TemporaryFolder folder;
};

TEST_F(PluginCredentialsTest, APluginRunsOnceWhileItsTokenLasts) {
  const ClusterAccess access = access_for(3600);
  Credentials credentials(access);
  EXPECT_EQ(credentials.current().token, "t1");
  EXPECT_EQ(credentials.current().token, "t1");
  EXPECT_TRUE(credentials.renew());  // the cluster has refused t1
  EXPECT_EQ(credentials.current().token, "t2");
}

TEST_F(PluginCredentialsTest, ATokenAboutToExpireIsReplaced) {
  const ClusterAccess access = access_for(5);
  Credentials credentials(access);
  EXPECT_EQ(credentials.current().token, "t1");
  EXPECT_EQ(credentials.current().token, "t2");
}

}  // namespace
}  // namespace scrim
