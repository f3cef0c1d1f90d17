#include "dataops/local_servers.h"

#include "base/files.h"
#include "dataops/fake_program.h"
#include "dataops/http_probe.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <csignal>
#include <thread>

namespace scrim {
namespace {

namespace fs = std::filesystem;

struct LocalServersTest : testing::Test {
  LocalServersTest() {
    open()->create_volume("models", 1 << 20, {});
    plan.name = "netapp-inference";
    plan.volume = "models";
    plan.program = write_listening_program(folder);
  }
  ~LocalServersTest() override {
    for (const ServedVolume& server : open()->servers()) open()->delete_server(server.name);
  }

  std::unique_ptr<DataOps> open(LocalOptions options = {}) const {
    return open_local(folder / "root", std::move(options));
  }

  TemporaryFolder folder;
  ServerPlan plan;
};

std::uint16_t port_of(const ServedVolume& server) {
  return static_cast<std::uint16_t>(std::stoi(server.http.substr(server.http.find(':') + 1)));
}

TEST_F(LocalServersTest, AServerGoesOnAndIsFoundAgain) {
  const auto made = open()->create_server(plan);
  EXPECT_TRUE(made.changed);
  EXPECT_EQ(made.object.state, ProgramState::kReady);
  EXPECT_EQ(http_status_of(port_of(made.object), "/v2/health/ready"), 200);
  const std::string log = read_file(made.object.log);
  const std::string models = (fs::canonical(folder / "root") / "default/volumes/models/data");
  EXPECT_NE(log.find("--model-repository=" + models + " --model-control-mode=poll"),
            std::string::npos)
      << log;
  const ServedVolume found = open()->server("netapp-inference");
  EXPECT_EQ(found.process, made.object.process);
  EXPECT_EQ(::kill(static_cast<pid_t>(found.process), 0), 0);
  EXPECT_FALSE(open()->create_server(plan).changed) << "a second run changes nothing";
  EXPECT_EQ(open()->servers().size(), 1U);
}

TEST_F(LocalServersTest, StopsAndStartsOnTheSamePort) {
  const std::uint16_t port = port_of(open()->create_server(plan).object);
  EXPECT_TRUE(open()->stop_server(plan.name).changed);
  EXPECT_EQ(open()->server(plan.name).state, ProgramState::kStopped);
  EXPECT_EQ(http_status_of(port, "/"), 0);
  EXPECT_FALSE(open()->stop_server(plan.name).changed);
  const auto started = open()->start_server(plan.name);
  EXPECT_TRUE(started.changed);
  EXPECT_EQ(port_of(started.object), port);
  EXPECT_EQ(started.object.state, ProgramState::kReady);
  EXPECT_FALSE(open()->start_server(plan.name).changed);
  open()->delete_server(plan.name);
  EXPECT_TRUE(open()->servers().empty());
  EXPECT_EQ(http_status_of(port, "/"), 0);
  expect_error(ErrorCode::kNotFound, "there is no server 'netapp-inference'",
               [&] { open()->start_server(plan.name); });
}

TEST_F(LocalServersTest, ItsVolumeStaysAsLongAsItIsThere) {
  open()->create_snapshot("models", "before", {});
  open()->create_server(plan);
  expect_error(ErrorCode::kRefused, "in use by server 'netapp-inference'",
               [&] { open()->restore_snapshot("before"); });
  open()->stop_server(plan.name);
  EXPECT_TRUE(open()->restore_snapshot("before").changed);
  expect_error(ErrorCode::kRefused, "the model repository of server 'netapp-inference'",
               [&] { open()->delete_volume("models", Dependents::kCascade); });
}

TEST_F(LocalServersTest, OneThatNeverBecomesReadyIsGoneAgain) {
  fs::remove(folder / "www/v2/health/ready");
  expect_error(ErrorCode::kUnavailable, "is not ready after 1.5 s; its last line: ", [&] {
    open({.timeout = std::chrono::milliseconds{1500}})->create_server(plan);
  });
  EXPECT_TRUE(open()->servers().empty());
}

TEST_F(LocalServersTest, WhatCannotBeIsNamed) {
  plan.volume = "none";
  expect_error(ErrorCode::kNotFound, "there is no volume 'none'",
               [&] { open()->create_server(plan); });
  plan.volume = "models";
  plan.program = "no-such-program";
  expect_error(ErrorCode::kNotFound, "no program 'no-such-program' on the PATH",
               [&] { open()->create_server(plan); });
  plan.program = (folder / "program").string();
  ServerPlan other = plan;
  other.name = "other";
  other.http_port = port_of(open()->create_server(plan).object);
  expect_error(ErrorCode::kInvalidArgument, "is taken by another program",
               [&] { open()->create_server(other); });
  plan.flags = {"--log-info=false"};
  expect_error(ErrorCode::kInvalidArgument, "a server 'netapp-inference' already",
               [&] { open()->create_server(plan); });
}

}  // namespace
}  // namespace scrim
