// What the engine does with several kinds of objects at once.
#include <scrim/dataops.h>

#include "base/files.h"
#include "dataops/fake_program.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

struct LocalEngineTest : testing::Test {
  LocalEngineTest() {
    const Volume models = open()->create_volume("models", 1 << 20, {}).object;
    write_new_file(models.path / "model", "first");
    plan.name = "faces";
    plan.volume = "models";
    plan.program = write_listening_program(folder);
    open()->create_server(plan);
  }
  ~LocalEngineTest() override {
    for (const ServedVolume& one : open()->servers()) open()->delete_server(one.name);
  }
  std::unique_ptr<DataOps> open(LocalOptions options = {}) const {
    return open_local(folder / "root", std::move(options));
  }

  TemporaryFolder folder;
  ServerPlan plan;
};

TEST_F(LocalEngineTest, AClonedServerHasModelsAndAPortOfItsOwn) {
  const auto clone = open()->clone_server("canary", "faces");
  EXPECT_TRUE(clone.changed);
  EXPECT_EQ(clone.object.volume, "server-canary");
  EXPECT_EQ(clone.object.state, ProgramState::kReady);
  EXPECT_NE(clone.object.http, open()->server("faces").http);
  EXPECT_EQ(read_file(open()->volume("server-canary").path / "model"), "first");
  EXPECT_FALSE(open()->clone_server("canary", "faces").changed);
  expect_error(ErrorCode::kNotFound, "there is no server 'nosuch'",
               [&] { open()->clone_server("x", "nosuch"); });
  EXPECT_FALSE(open({.dry_run = true})->clone_server("dry", "faces").object.volume.empty());
  EXPECT_EQ(open()->servers().size(), 2U);
}

TEST_F(LocalEngineTest, ACloneThatDoesNotBecomeReadyIsGoneWithItsModels) {
  std::filesystem::remove(folder / "www/v2/health/ready");
  expect_error(ErrorCode::kUnavailable, "is not ready after", [&] {
    open({.timeout = std::chrono::milliseconds(500)})->clone_server("canary", "faces");
  });
  EXPECT_EQ(open()->servers().size(), 1U);
  EXPECT_EQ(open()->volumes().size(), 1U);
}

TEST_F(LocalEngineTest, ARestoreMayLetServersRest) {
  open()->create_snapshot("models", "before", {});
  write_file_atomically(open()->volume("models").path / "model", "second");
  const long process = open()->server("faces").process;
  EXPECT_TRUE(open({.stops_users = true})->restore_snapshot("before").changed);
  EXPECT_EQ(read_file(open()->volume("models").path / "model"), "first");
  EXPECT_EQ(open()->server("faces").state, ProgramState::kReady);
  EXPECT_NE(open()->server("faces").process, process);
}

}  // namespace
}  // namespace scrim
