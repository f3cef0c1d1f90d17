#include "dataops/supervisor.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <thread>

namespace scrim {
namespace {

namespace fs = std::filesystem;

bool becomes_true(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

long program_in(const fs::path& folder) {
  const auto found = find_supervised(folder);
  return found ? found->program : 0;
}

struct SupervisorTest : testing::Test {
  ~SupervisorTest() override { stop_supervised(folder.path(), 0); }
  TemporaryFolder folder;
};

TEST_F(SupervisorTest, WhatIsStartedOutlivesItsCaller) {
  const pid_t caller = ::fork();
  if (caller == 0) {
    start_supervised(folder.path(), {{"sleep", "1000"}});
    ::_exit(0);
  }
  ::waitpid(caller, nullptr, 0);
  ASSERT_TRUE(becomes_true([&] { return program_in(folder.path()) > 0; }));
  const long program = program_in(folder.path());
  EXPECT_EQ(::kill(static_cast<pid_t>(program), 0), 0);
  expect_error(ErrorCode::kUnavailable, "runs already",
               [&] { start_supervised(folder.path(), {{"true"}}); });
  EXPECT_TRUE(stop_supervised(folder.path(), 10));
  EXPECT_FALSE(find_supervised(folder.path()));
  EXPECT_TRUE(becomes_true([&] { return ::kill(static_cast<pid_t>(program), 0) != 0; }));
  EXPECT_FALSE(stop_supervised(folder.path(), 10));
}

TEST_F(SupervisorTest, AProgramThatDiesIsStartedAgain) {
  start_supervised(folder.path(), {{"sleep", "1000"}});
  ASSERT_TRUE(becomes_true([&] { return program_in(folder.path()) > 0; }));
  const long first = program_in(folder.path());
  ::kill(static_cast<pid_t>(first), SIGKILL);
  EXPECT_TRUE(becomes_true([&] { return program_in(folder.path()) != first; }));
}

TEST_F(SupervisorTest, AProgramThatEndsWellIsOver) {
  start_supervised(folder.path(), {{"bash", "-c", "echo one; echo; echo the last"}});
  EXPECT_TRUE(becomes_true([&] { return !find_supervised(folder.path()); }));
  EXPECT_EQ(last_log_line(folder.path()), "the last");
}

TEST_F(SupervisorTest, OneThatDoesNotEndIsKilled) {
  start_supervised(folder.path(),
                   {{"bash", "-c", "trap '' TERM; echo deaf; while true; do sleep 0.05; done"}});
  ASSERT_TRUE(becomes_true([&] { return last_log_line(folder.path()) == "deaf"; }));
  EXPECT_TRUE(stop_supervised(folder.path(), 0.2));
  EXPECT_FALSE(find_supervised(folder.path()));
}

TEST_F(SupervisorTest, WhatCannotBeRunSaysSoInTheLog) {
  start_supervised(folder.path(), {{"/no/such/program"}});
  EXPECT_TRUE(becomes_true([&] {
    return last_log_line(folder.path()) == "cannot run /no/such/program: No such file or directory";
  }));
}

TEST_F(SupervisorTest, AKilledSupervisorTakesItsProgramAlong) {
  start_supervised(folder.path(), {{"sleep", "1000"}});
  ASSERT_TRUE(becomes_true([&] { return program_in(folder.path()) > 0; }));
  const auto found = find_supervised(folder.path());
  ::kill(static_cast<pid_t>(found->supervisor), SIGKILL);
  EXPECT_TRUE(becomes_true([&] { return ::kill(static_cast<pid_t>(found->program), 0) != 0; }));
  EXPECT_FALSE(find_supervised(folder.path()));
}

}  // namespace
}  // namespace scrim
