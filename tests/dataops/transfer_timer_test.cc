#include "dataops/transfer_timer.h"

#include "dataops/small_transfer.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;
using std::chrono::minutes;

struct TransferTimerTest : testing::Test {
  TransferTimerTest() { ::setenv("XDG_CONFIG_HOME", folder.path().c_str(), 1); }
  ~TransferTimerTest() override { ::unsetenv("XDG_CONFIG_HOME"); }

  TemporaryFolder folder;
  const fs::path units = folder / "systemd/user";
};

TEST_F(TransferTimerTest, NoWordMeansMoreThanItSays) {
  EXPECT_NE(service_unit("pull", {"/bin/a b", "100%", "$HOME", "a\"b\\"})
                .find("ExecStart=\"/bin/a b\" \"100%%\" \"$$HOME\" \"a\\\"b\\\\\"\n"),
            std::string::npos);
  EXPECT_NE(timer_unit("pull", minutes(90)).find("OnUnitActiveSec=90min\nPersistent=true\n"),
            std::string::npos);
}

TEST_F(TransferTimerTest, AFailureLeavesNothingBehind) {
  const FakeProgram systemctl("systemctl", "[ $2 = enable ] || exit 0\necho no bus >&2\nexit 1");
  const TransferTimers timers("default", folder.path());
  expect_error(ErrorCode::kUnavailable, "does not answer 'systemctl --user enable --now ",
               [&] { timers.install("pull", minutes(60), {"true"}); });
  EXPECT_FALSE(timers.is_there("pull"));
  EXPECT_TRUE(fs::is_empty(units));
}

TEST_F(TransferTimerTest, OneOfAnotherRootIsLeftAlone) {
  const FakeProgram systemctl("systemctl", "exit 0");
  const TransferTimers timers("default", folder.path());
  timers.install("pull", minutes(60), {"true"});
  timers.install("pull", minutes(30), {"true"});
  expect_error(ErrorCode::kInvalidArgument,
               "there is a timer 'scrim-transfer-default.pull' already",
               [&] { timers.install("pull", minutes(60), {"false"}); });
  timers.remove("pull");
  EXPECT_TRUE(fs::is_empty(units));
  EXPECT_NO_THROW(timers.remove("pull")) << "there is none any more";
}

TEST_F(TransferTimerTest, WithoutSystemdItSaysSo) {
  const FakeProgram systemctl("systemctl", "echo Failed to connect to bus >&2\nexit 1");
  expect_error(ErrorCode::kUnavailable, "'systemctl --user show-environment': Failed to connect",
               [&] { TransferTimers("default", folder.path()).check_reachable(); });
}

}  // namespace
}  // namespace scrim
