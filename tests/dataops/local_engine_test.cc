// What the engine does with several kinds of objects at once.
#include <scrim/dataops.h>

#include "base/files.h"
#include "dataops/fake_program.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

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

TEST_F(LocalEngineTest, OtherModelsTakeThePlaceOfTheOldOnesOnTheSamePort) {
  const ServedVolume before = open()->server("faces");
  for (const char* version : {"v1", "v2"}) {
    write_file_atomically(open()->volume("models").path / "model", version);
    open()->create_snapshot("models", version, {});
    const auto updated = open()->update_server("faces", {ObjectKind::kSnapshot, version});
    EXPECT_TRUE(updated.changed);
    EXPECT_EQ(updated.object.volume, std::string("server-faces.") + version);
    EXPECT_EQ(updated.object.state, ProgramState::kReady);
    EXPECT_EQ(updated.object.http, before.http);
    EXPECT_EQ(read_file(open()->volume(updated.object.volume).path / "model"), version);
  }
  EXPECT_EQ(open()->volumes().size(), 2U) << "the clone of before is gone";
  EXPECT_FALSE(open()->update_server("faces", {ObjectKind::kSnapshot, "v2"}).changed);
  open()->create_volume("server-faces.mine", 1 << 20, {});
  EXPECT_TRUE(open()->update_server("faces", {ObjectKind::kVolume, "models"}).changed);
  EXPECT_EQ(open()->server("faces").volume, "models");
  open()->delete_volume("server-faces.mine", Dependents::kRefuse);  // nobody else has
  EXPECT_EQ(open()->volumes().size(), 1U);
}

TEST_F(LocalEngineTest, ModelsThatDoNotLoadAreTakenBack) {
  open()->create_snapshot("models", "bad", {});
  // Ready only over the volume of before.
  write_file_atomically(folder / "program",
                        "#!/bin/bash\n"
                        "[[ $* == *server-faces.bad* ]] && exit 3\n"
                        "for word in \"$@\"; do\n"
                        "  [[ $word == --http-port=* ]] && port=${word#*=}\n"
                        "done\n"
                        "exec python3 -m http.server \"$port\" --bind 127.0.0.1 --directory " +
                            (folder / "www").string() + "\n");
  ::chmod((folder / "program").c_str(), 0755);
  expect_error(ErrorCode::kUnavailable, "; it serves volume 'models' again", [&] {
    open({.timeout = std::chrono::milliseconds(1500)})
        ->update_server("faces", {ObjectKind::kSnapshot, "bad"});
  });
  EXPECT_EQ(open()->server("faces").state, ProgramState::kReady);
  EXPECT_EQ(open()->server("faces").volume, "models");
  EXPECT_EQ(open()->volumes().size(), 1U);
}

}  // namespace
}  // namespace scrim
