#include "cluster/workspaces.h"

#include "cluster/cluster_fixture.h"
#include "cluster/objects.h"
#include "cluster/workspace_objects.h"
#include "support/expect_error.h"

#include <gmock/gmock.h>

namespace scrim {
namespace {

// As of ClusterServersTest: on a real cluster nothing becomes ready here, and nothing waits for it.
class ClusterWorkspacesTest : public ClusterFixture {
 protected:
  ClusterWorkspacesTest() {
    engine()->create_volume("data", kGibi, {});
    waits_from_here(cluster_double != nullptr);
  }
  void waits_from_here(bool waits) {
    options.wait = waits;
    options.timeout = std::chrono::milliseconds(waits && !cluster_double ? 20'000 : 2'500);
  }
  WorkspacePlan plan{.name = "live",
                     .size = kGibi,
                     .mounts = {{"data", "/home/jovyan/data"}},
                     .environment = {{"SEED", "7"}}};
  const Origin own{ObjectKind::kVolume, "workspace-live"};
};

TEST_F(ClusterWorkspacesTest, OneIsMadeOnceAndFound) {
  const auto made = engine()->create_workspace(plan);
  EXPECT_TRUE(made.changed);
  EXPECT_EQ(made.object.volume, "workspace-live");
  EXPECT_EQ(made.object.mounts, plan.mounts);
  EXPECT_EQ(made.object.state, cluster_double ? ProgramState::kReady : ProgramState::kStarting);
  const ApiObject secret = *api().find(kSecrets, "workspace-live");
  EXPECT_FALSE(engine()->create_workspace(plan).changed);
  EXPECT_EQ(api().find(kSecrets, "workspace-live")->at("data"), secret.at("data"))
      << "it keeps its token and its certificate";
  EXPECT_THAT(engine()->workspaces(), testing::SizeIs(1));
  plan.environment = {{"SEED", "8"}};
  expect_error(ErrorCode::kInvalidArgument, "a workspace 'live' already, which was made otherwise",
               [&] { engine()->create_workspace(plan); });
  expect_error(ErrorCode::kRefused, "volume 'workspace-live' is the volume of workspace 'live'",
               [&] { engine()->delete_volume("workspace-live", Dependents::kCascade); });
}

TEST_F(ClusterWorkspacesTest, TheUrlHasTheTokenForWhoMayReadTheSecret) {
  engine()->create_workspace(plan);
  // A cluster without nodes has no address for its ports.
  api().change(kServices, "workspace-live", [](const ApiObject&) -> ApiObject {
    return {{"spec", {{"type", "ClusterIP"}}}};
  });
  EXPECT_THAT(engine()->workspace("live").url,
              testing::ContainsRegex("^https://workspace-live[.].*/lab.token=[0-9a-f]{32}$"));
  EXPECT_THAT(engine()->workspaces().front().url, testing::Not(testing::HasSubstr("token")));
}

TEST_F(ClusterWorkspacesTest, StopsStartsAndGoesWithItsVolume) {
  engine()->create_workspace(plan);
  EXPECT_EQ(engine()->stop_workspace("live").object.state, ProgramState::kStopped);
  EXPECT_FALSE(engine()->stop_workspace("live").changed);
  EXPECT_TRUE(engine()->start_workspace("live").changed);
  waits_from_here(true);
  engine()->create_snapshot("workspace-live", "one", {});
  expect_error(ErrorCode::kRefused, "volume 'workspace-live' has snapshots: one",
               [&] { engine()->delete_workspace("live", Dependents::kRefuse); });
  engine()->delete_workspace("live", Dependents::kKeep);
  expect_error(ErrorCode::kNotFound, "there is no workspace 'live'",
               [&] { engine()->delete_workspace("live", Dependents::kKeep); });
  for (const ApiKind& kind : {kServices, kDeployments, kSecrets, kVolumeClaims}) {
    EXPECT_FALSE(api().find(kind, "workspace-live")) << kind.name;
  }
  EXPECT_TRUE(api().find(kVolumeSnapshots, "one"));
}

TEST_F(ClusterWorkspacesTest, ACloneHasItsFilesAndAllThatItHad) {
  engine()->create_workspace(plan);
  waits_from_here(true);
  put("workspace-live", "notes");
  engine()->create_snapshot("workspace-live", "one", {});
  waits_from_here(cluster_double != nullptr);
  const auto clone = engine()->clone_workspace({.name = "second"}, own);
  EXPECT_EQ(clone.object.mounts, plan.mounts);
  EXPECT_FALSE(engine()->clone_workspace({.name = "second"}, own).changed);
  waits_from_here(true);
  engine()->delete_workspace("live", Dependents::kKeep);
  waits_from_here(cluster_double != nullptr);
  const auto third = engine()->clone_workspace({.name = "third"}, {ObjectKind::kSnapshot, "one"});
  EXPECT_EQ(third.object.mounts, plan.mounts) << "as the snapshot remembers it";
  if (cluster_double) {
    EXPECT_EQ(get("workspace-third"), "notes");
  }
  expect_error(ErrorCode::kInvalidArgument, "volume 'data' is of no workspace", [&] {
    engine()->clone_workspace({.name = "x"}, {ObjectKind::kVolume, "data"});
  });
}

TEST_F(ClusterWorkspacesTest, WhatDoesNotBecomeReadyIsTakenBack) {
  if (!cluster_double) GTEST_SKIP() << "the tool's own test waits for a real one";
  plan.image = "nosuch";
  expect_error(ErrorCode::kUnavailable, "workspace 'live' took more than 2 s",
               [&] { engine()->create_workspace(plan); });
  for (const ApiKind& kind : {kServices, kDeployments, kSecrets, kVolumeClaims}) {
    EXPECT_FALSE(api().find(kind, "workspace-live")) << kind.name;
  }
}

TEST_F(ClusterWorkspacesTest, ValuesAreCheckedFirst) {
  plan.mounts = {{"nosuch", "/x"}};
  expect_error(ErrorCode::kNotFound, "there is no volume 'nosuch'",
               [&] { engine()->create_workspace(plan); });
  plan.mounts = {};
  plan.name = "a.b";
  expect_error(ErrorCode::kInvalidArgument, "a.b", [&] { engine()->create_workspace(plan); });
  expect_error(ErrorCode::kNotFound, "there is no workspace 'x'",
               [&] { engine()->workspace("x"); });
  EXPECT_FALSE(api().find(kVolumeClaims, "workspace-live"));
}

TEST_F(ClusterWorkspacesTest, WhatTheToolkitMadeIsManaged) {
  engine()->create_volume("ntap-dsutil-jupyterlab-old", kGibi, {});
  ApiObject deployment = deployment_for_workspace(plan);
  deployment["metadata"] = {{"name", "ntap-dsutil-jupyterlab-old"},
                            {"labels", {{"jupyterlab-workspace-name", "old"}}}};
  deployment["spec"]["template"]["spec"]["volumes"][0]["persistentVolumeClaim"]["claimName"] =
      "ntap-dsutil-jupyterlab-old";
  api().create(kDeployments, deployment);
  EXPECT_EQ(engine()->workspace("old").volume, "ntap-dsutil-jupyterlab-old");
  EXPECT_EQ(engine()->workspace("old").mounts, plan.mounts);
  EXPECT_THAT(engine()->workspaces(), testing::SizeIs(1));
  EXPECT_EQ(engine()->stop_workspace("old").object.state, ProgramState::kStopped);
  waits_from_here(true);
  engine()->delete_workspace("old", Dependents::kRefuse);
  EXPECT_FALSE(api().find(kVolumeClaims, "ntap-dsutil-jupyterlab-old"));
}

TEST_F(ClusterWorkspacesTest, KilledAtAnyStepTheNextRunEndsIt) {
  kill_at_every_step([&] { engine()->create_volume("data", kGibi, {}); },
                     [&](DataOps& on) { on.create_workspace(plan); },
                     [&] {
                       EXPECT_EQ(engine()->workspace("live").volume, "workspace-live");
                       EXPECT_TRUE(api().find(kServices, "workspace-live"));
                       EXPECT_TRUE(api().find(kSecrets, "workspace-live"));
                     });
}

}  // namespace
}  // namespace scrim
