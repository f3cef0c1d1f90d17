#include "dataops/local_workspaces.h"

#include "base/files.h"
#include "dataops/fake_program.h"
#include "dataops/http_probe.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace scrim {
namespace {

namespace fs = std::filesystem;

// Over a program of its own; JupyterLab itself is met in tests/integration.
struct LocalWorkspacesTest : testing::Test {
  LocalWorkspacesTest() {
    open()->create_volume("data", 1 << 20, {});
    plan.name = "live";
    plan.size = 1 << 20;
    plan.mounts = {{"data", "/home/jovyan/data"}};
    plan.command = {write_listening_program(folder), "--http-port={port}", "{folder}"};
  }
  ~LocalWorkspacesTest() override { clear(); }

  void clear() const {
    const auto engine = open();
    for (const Workspace& one : engine->workspaces()) {
      engine->delete_workspace(one.name, Dependents::kCascade);
    }
  }
  std::unique_ptr<DataOps> open(LocalOptions options = {}) const {
    return open_local(folder / "root", std::move(options));
  }
  fs::path files_of(const std::string& name) const {
    return open()->volume("workspace-" + name).path;
  }

  TemporaryFolder folder;
  WorkspacePlan plan;
};

std::uint16_t port_of(const Workspace& workspace) {
  return static_cast<std::uint16_t>(std::stoi(workspace.url.substr(workspace.url.rfind(':') + 1)));
}

TEST_F(LocalWorkspacesTest, OneGoesOnOverItsVolumeAndSeesTheOthers) {
  const auto made = open()->create_workspace(plan);
  EXPECT_TRUE(made.changed);
  EXPECT_EQ(made.object.state, ProgramState::kReady);
  EXPECT_EQ(made.object.volume, "workspace-live");
  EXPECT_NE(http_status_of(port_of(made.object), "/"), 0);
  write_new_file(open()->volume("data").path / "picture", "p");
  EXPECT_EQ(read_file(files_of("live") / "data/picture"), "p");
  EXPECT_NE(read_file(made.object.log).find(files_of("live").string()), std::string::npos);
  EXPECT_FALSE(open()->create_workspace(plan).changed);
  EXPECT_EQ(open()->workspaces().size(), 1U);
  plan.environment = {{"A", "b"}};
  expect_error(ErrorCode::kInvalidArgument, "a workspace 'live' already, which was made otherwise",
               [&] { open()->create_workspace(plan); });
}

TEST_F(LocalWorkspacesTest, StopsStartsAndGoesWithItsVolume) {
  const std::uint16_t port = port_of(open()->create_workspace(plan).object);
  EXPECT_TRUE(open()->stop_workspace("live").changed);
  EXPECT_FALSE(open()->stop_workspace("live").changed);
  EXPECT_EQ(open()->workspace("live").state, ProgramState::kStopped);
  EXPECT_TRUE(open()->start_workspace("live").changed);
  EXPECT_EQ(port_of(open()->workspace("live")), port);
  open()->create_snapshot("workspace-live", "one", {});
  expect_error(ErrorCode::kRefused, "volume 'workspace-live' has snapshots: one",
               [&] { open()->delete_workspace("live", Dependents::kRefuse); });
  EXPECT_EQ(open()->workspace("live").state, ProgramState::kReady) << "it was not touched";
  open()->delete_workspace("live", Dependents::kKeep);
  expect_error(ErrorCode::kNotFound, "there is no workspace 'live'",
               [&] { open()->delete_workspace("live", Dependents::kKeep); });
  EXPECT_EQ(open()->volumes().size(), 1U);
  EXPECT_EQ(open()->snapshots().size(), 1U);
}

TEST_F(LocalWorkspacesTest, ACloneHasItsFilesAndAllThatItHad) {
  plan.environment = {{"SEED", "7"}};
  open()->create_workspace(plan);
  write_new_file(files_of("live") / "notes", "n");
  const Origin own{ObjectKind::kVolume, "workspace-live"};
  const auto clone = open()->clone_workspace({.name = "second"}, own);
  EXPECT_EQ(clone.object.mounts, plan.mounts);
  EXPECT_NE(clone.object.url, open()->workspace("live").url);
  EXPECT_EQ(read_file(files_of("second") / "notes"), "n");
  EXPECT_FALSE(open()->clone_workspace({.name = "second"}, own).changed);
  open()->create_snapshot("workspace-live", "one", {});
  open()->delete_workspace("live", Dependents::kKeep);
  const Origin kept{ObjectKind::kSnapshot, "one"};
  EXPECT_EQ(open()->clone_workspace({.name = "third"}, kept).object.mounts, plan.mounts)
      << "as the snapshot remembers it";
  expect_error(ErrorCode::kInvalidArgument, "volume 'data' is of no workspace", [&] {
    open()->clone_workspace({.name = "x"}, {ObjectKind::kVolume, "data"});
  });
}

TEST_F(LocalWorkspacesTest, TheVolumesItSeesStay) {
  open()->create_workspace(plan);
  open()->create_snapshot("data", "before", {});
  expect_error(ErrorCode::kRefused, "in use by workspace 'live'",
               [&] { open()->restore_snapshot("before"); });
  const long process = open()->workspace("live").process;
  EXPECT_TRUE(open({.stops_users = true})->restore_snapshot("before").changed);
  EXPECT_EQ(open()->workspace("live").state, ProgramState::kReady) << "it was started again";
  EXPECT_NE(open()->workspace("live").process, process);
  open()->stop_workspace("live");
  expect_error(ErrorCode::kRefused, "volume 'data' is mounted by workspace 'live'",
               [&] { open()->delete_volume("data", Dependents::kCascade); });
  expect_error(ErrorCode::kRefused, "is the volume of workspace 'live'",
               [&] { open()->delete_volume("workspace-live", Dependents::kCascade); });
}

TEST_F(LocalWorkspacesTest, WhatCannotBeLeavesNothing) {
  const auto refused = [&](ErrorCode code, const char* why, LocalOptions options = {}) {
    expect_error(code, why, [&] { open(options)->create_workspace(plan); });
    EXPECT_TRUE(open()->workspaces().empty()) << why;
    EXPECT_EQ(open()->volumes().size(), 1U) << why;
  };
  const WorkspacePlan good = plan;
  plan.command = {"sleep", "1000"};
  refused(ErrorCode::kUnavailable, "workspace 'live' is not ready after 0.5 s",
          {.timeout = std::chrono::milliseconds(500)});
  plan.command = {"no-such-program"};
  refused(ErrorCode::kNotFound, "no program 'no-such-program'");
  plan = good;
  plan.mounts = {{"nosuch", "/x"}};
  refused(ErrorCode::kNotFound, "there is no volume 'nosuch'");
  plan = good;
  plan.size = 0;
  refused(ErrorCode::kInvalidArgument, "is 0, not above");
  EXPECT_TRUE(open({.dry_run = true})->create_workspace(good).changed);
  EXPECT_TRUE(open()->workspaces().empty());
}

TEST_F(LocalWorkspacesTest, OwnFilesAreNotReplacedByAMount) {
  plan.mounts = {};
  open()->create_workspace(plan);
  write_new_file(files_of("live") / "data", "mine");
  WorkspacePlan changes{.name = "second", .mounts = {{"data", "/data"}}};
  expect_error(ErrorCode::kInvalidArgument, "has files of its own at 'data'", [&] {
    open()->clone_workspace(changes, {ObjectKind::kVolume, "workspace-live"});
  });
  EXPECT_EQ(open()->workspaces().size(), 1U);
}

TEST_F(LocalWorkspacesTest, ARefusedDeleteKeepsIt) {
  plan.mounts = {};
  open()->create_workspace(plan);
  WorkspacePlan other = plan;
  other.name = "other";
  other.mounts = {{"workspace-live", "/live"}};
  open()->create_workspace(other);
  expect_error(ErrorCode::kRefused, "'workspace-live' is mounted by workspace 'other'",
               [&] { open()->delete_workspace("live", Dependents::kRefuse); });
  EXPECT_EQ(open()->workspace("live").state, ProgramState::kReady);
  open()->delete_workspace("other", Dependents::kRefuse);
}

TEST_F(LocalWorkspacesTest, ARestoreThatIsRefusedStartsAgainWhatItHadStopped) {
  open()->create_workspace(plan);
  open()->create_snapshot("data", "before", {});
  const pid_t user = ::fork();
  if (user == 0) {
    const int ok = ::chdir(open()->volume("data").path.c_str());
    ::execlp("sleep", "sleep", "100", nullptr);
    ::_exit(ok);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  expect_error(ErrorCode::kRefused, "in use by sleep",
               [&] { open({.stops_users = true})->restore_snapshot("before"); });
  EXPECT_EQ(open()->workspace("live").state, ProgramState::kReady);
  ::kill(user, SIGKILL);
  ::waitpid(user, nullptr, 0);
}

TEST_F(LocalWorkspacesTest, WhatItStartedEndsWithIt) {
  plan.command = {"bash", "-c", "python3 -m http.server {port}; true"};
  const std::uint16_t port = port_of(open()->create_workspace(plan).object);
  open()->stop_workspace("live");
  EXPECT_EQ(http_status_of(port, "/"), 0);
}

TEST_F(LocalWorkspacesTest, AnotherOriginIsAnotherWorkspace) {
  open()->create_workspace(plan);
  const Origin own{ObjectKind::kVolume, "workspace-live"};
  open()->clone_workspace({.name = "second"}, own);
  open()->create_snapshot("workspace-live", "one", {});
  expect_error(ErrorCode::kInvalidArgument, "and from volume 'workspace-live'", [&] {
    open()->clone_workspace({.name = "second"}, {ObjectKind::kSnapshot, "one"});
  });
}

// A process that is killed at its first step, its second, and so on; after each the next ends well.
TEST_F(LocalWorkspacesTest, KilledAtAnyStepTheNextRunEndsIt) {
  constexpr int kMostSteps = 30;
  bool came_through = false;
  for (int step = 1; step <= kMostSteps && !came_through; ++step) {
    SCOPED_TRACE(step);
    clear();
    const pid_t child = ::fork();
    if (child == 0) {
      LocalOptions options;
      options.on_step = [step, count = 0](std::string_view) mutable {
        if (++count == step) ::raise(SIGKILL);
      };
      open(options)->create_workspace(plan);
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    came_through = WIFEXITED(status);
    EXPECT_EQ(open()->create_workspace(plan).object.state, ProgramState::kReady);
    EXPECT_EQ(open()->volumes().size(), 2U);
  }
  EXPECT_TRUE(came_through);
}

}  // namespace
}  // namespace scrim
