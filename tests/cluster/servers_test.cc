#include "cluster/servers.h"

#include "cluster/cluster_fixture.h"
#include "cluster/server_objects.h"
#include "support/expect_error.h"

#include <gmock/gmock.h>

namespace scrim {
namespace {

// On a real cluster there is no node: nothing becomes ready, and nothing waits for it.
class ClusterServersTest : public ClusterFixture {
 protected:
  ClusterServersTest() {
    engine()->create_volume("models", kGibi, {});
    options.wait = cluster_double != nullptr;
    options.timeout = std::chrono::milliseconds(2'500);
  }
  ServerPlan plan{.name = "faces", .volume = "models", .image = "registry.example/scrim:1"};
};

TEST_F(ClusterServersTest, AServerIsMadeOnceAndFound) {
  const auto made = engine()->create_server(plan);
  EXPECT_TRUE(made.changed);
  EXPECT_EQ(made.object.volume, "models");
  EXPECT_EQ(made.object.state, cluster_double ? ProgramState::kReady : ProgramState::kStarting);
  EXPECT_FALSE(engine()->create_server(plan).changed);
  EXPECT_EQ(engine()->servers().size(), 1U);
  EXPECT_EQ(engine()->server("faces").name, "faces");
  plan.replicas = 2;
  expect_error(ErrorCode::kInvalidArgument, "a server 'faces' already, which was made otherwise",
               [&] { engine()->create_server(plan); });
  expect_error(ErrorCode::kRefused, "volume 'models' is the model repository of server 'faces'",
               [&] { engine()->delete_volume("models", Dependents::kCascade); });
  options.wait = true;
  options.timeout = std::chrono::seconds(20);
  engine()->delete_server("faces");
  expect_error(ErrorCode::kNotFound, "no server 'faces'", [&] { engine()->server("faces"); });
}

TEST_F(ClusterServersTest, StopsAndStartsWithItsReplicas) {
  plan.replicas = 3;
  engine()->create_server(plan);
  EXPECT_EQ(engine()->stop_server("faces").object.state, ProgramState::kStopped);
  EXPECT_FALSE(engine()->stop_server("faces").changed);
  EXPECT_TRUE(engine()->start_server("faces").changed);
  EXPECT_FALSE(engine()->start_server("faces").changed);
  EXPECT_EQ(api().find(kDeployments, "server-faces")->at("spec").at("replicas"), 3);
}

TEST_F(ClusterServersTest, WhatDoesNotBecomeReadyIsTakenBack) {
  if (!cluster_double) GTEST_SKIP() << "the tool's own test waits for a real one";
  plan.image = "nosuch";
  api().create(
      kPods,
      {{"metadata", {{"name", "p"}, {"labels", {{kServerLabel, "faces"}}}}},
       {"status",
        {{"containerStatuses",
          {{{"state",
             {{"waiting", {{"reason", "ErrImagePull"}, {"message", "no such image"}}}}}}}}}}});
  expect_error(ErrorCode::kUnavailable,
               "server 'faces' took more than 2 s; the cluster says: ErrImagePull: no such image; "
               "nothing was made",
               [&] { engine()->create_server(plan); });
  EXPECT_TRUE(engine()->servers().empty());
  EXPECT_FALSE(api().find(kServices, "server-faces"));
}

TEST_F(ClusterServersTest, ValuesAreCheckedFirst) {
  plan.volume = "nosuch";
  expect_error(ErrorCode::kNotFound, "there is no volume 'nosuch'",
               [&] { engine()->create_server(plan); });
  plan.name = "a.b";
  expect_error(ErrorCode::kInvalidArgument, "a.b", [&] { engine()->create_server(plan); });
  plan.name = std::string(60, 'a');
  expect_error(ErrorCode::kInvalidArgument, "has 60 characters, at most 56",
               [&] { engine()->create_server(plan); });
  expect_error(ErrorCode::kNotFound, "there is no server 'x'",
               [&] { engine()->delete_server("x"); });
}

TEST_F(ClusterServersTest, WhatTheToolkitMadeIsManaged) {
  ApiObject deployment = deployment_for(plan);
  deployment["metadata"] = {{"name", "ntap-dsutil-triton-old"},
                            {"labels", {{"triton-server-name", "old"}}}};
  api().create(kDeployments, deployment);
  EXPECT_EQ(engine()->server("old").volume, "models");
  EXPECT_THAT(engine()->servers(), testing::SizeIs(1));
  EXPECT_EQ(engine()->stop_server("old").object.state, ProgramState::kStopped);
  engine()->delete_server("old");
}

TEST_F(ClusterServersTest, KilledAtAnyStepAServerIsThereAfterTheNext) {
  kill_at_every_step([&] { engine()->create_volume("models", kGibi, {}); },
                     [&](DataOps& on) { on.create_server(plan); },
                     [&] {
                       EXPECT_EQ(engine()->server("faces").volume, "models");
                       EXPECT_TRUE(api().find(kServices, "server-faces"));
                     });
}

TEST_F(ClusterServersTest, ACloneHasWhatTheOtherHasOverItsOwnModels) {
  plan.replicas = 2;
  plan.flags = {"--log-info=false"};
  engine()->create_server(plan);
  const auto clone = engine()->clone_server("canary", "faces");
  EXPECT_EQ(clone.object.volume, "server-canary");
  EXPECT_FALSE(engine()->clone_server("canary", "faces").changed);
  const ApiObject deployment = *api().find(kDeployments, "server-canary");
  EXPECT_EQ(deployment["spec"]["replicas"], 2);
  EXPECT_THAT(deployment.dump(), testing::HasSubstr("--log-info=false"));
  EXPECT_EQ(text_at(*api().find(kServices, "server-canary"), "spec.selector.scrim-dataops/server"),
            "canary");
}

TEST_F(ClusterServersTest, OtherModelsTakeThePlaceOfTheOldOnes) {
  engine()->create_server(plan);
  options.wait = true;
  options.timeout = std::chrono::seconds(20);
  engine()->create_snapshot("models", "v1", {});
  engine()->create_snapshot("models", "v2", {});
  options.wait = cluster_double != nullptr;
  for (const char* version : {"v1", "v2"}) {
    const auto updated = engine()->update_server("faces", {ObjectKind::kSnapshot, version});
    EXPECT_TRUE(updated.changed);
    EXPECT_EQ(updated.object.volume, std::string("server-faces.") + version);
  }
  EXPECT_FALSE(engine()->update_server("faces", {ObjectKind::kSnapshot, "v2"}).changed);
  if (cluster_double) {
    EXPECT_FALSE(api().find(kVolumeClaims, "server-faces.v1")) << "the clone of before is gone";
  }
  EXPECT_TRUE(api().find(kVolumeClaims, "models"));
}

TEST_F(ClusterServersTest, UpdatedAndKilledAtAnyStepItServesTheNewModelsAfterTheNext) {
  if (!cluster_double) GTEST_SKIP() << "nothing becomes ready on it";
  kill_at_every_step(
      [&] {
        engine()->create_volume("models", kGibi, {});
        engine()->create_snapshot("models", "v1", {});
        engine()->create_server(plan);
      },
      [&](DataOps& on) {
        on.update_server("faces", {ObjectKind::kSnapshot, "v1"});
      },
      [&] { EXPECT_EQ(engine()->server("faces").volume, "server-faces.v1"); });
}

}  // namespace
}  // namespace scrim
