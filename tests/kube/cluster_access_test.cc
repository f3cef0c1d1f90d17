#include "kube/cluster_access.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace scrim {
namespace {

class PodAccess : public testing::Test {
 protected:
  void SetUp() override {
    ::setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1", 1);
    ::setenv("KUBERNETES_SERVICE_PORT", "443", 1);
    write_new_file(account / "ca.crt", "PEM");
    write_new_file(account / "token", "secret");
    write_new_file(account / "namespace", "inference\n");
  }
  void TearDown() override {
    ::unsetenv("KUBERNETES_SERVICE_HOST");
    ::unsetenv("KUBERNETES_SERVICE_PORT");
  }

  TemporaryFolder account;
};

TEST_F(PodAccess, IsThatOfItsServiceAccount) {
  const auto access = access_in_pod(account / "");
  ASSERT_TRUE(access);
  EXPECT_EQ(access->server, "https://10.0.0.1:443");
  EXPECT_EQ(access->authorities, "PEM");
  EXPECT_EQ(access->user.token_file, account / "token");
  EXPECT_TRUE(access->user.token.empty());  // it is replaced while a process runs
  EXPECT_EQ(access->space, "inference");
  ::setenv("KUBERNETES_SERVICE_HOST", "fd00::1", 1);
  EXPECT_EQ(access_in_pod(account / "")->server, "https://[fd00::1]:443");
}

TEST_F(PodAccess, NeedsAllOfTheAccount) {
  std::filesystem::remove(account / "token");
  expect_error(ErrorCode::kUnavailable, "the service account of this pod is incomplete",
               [&] { access_in_pod(account / ""); });
}

TEST_F(PodAccess, IsNothingOutsideACluster) {
  ::unsetenv("KUBERNETES_SERVICE_HOST");
  EXPECT_FALSE(access_in_pod(account / ""));
}

}  // namespace
}  // namespace scrim
