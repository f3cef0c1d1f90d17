#include "cluster/server_objects.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

const ServerPlan kServerPlan{.name = "faces", .volume = "models"};

TEST(ServerObjects, ADeploymentServesAVolumeThatItCannotChange) {
  ServerPlan plan = kServerPlan;
  plan.image = "registry.example/scrim:1";
  plan.flags = {"--log-info=false"};
  plan.replicas = 2;
  plan.resources = {{"nvidia.com/gpu", "1"}};
  const ApiObject deployment = deployment_for(plan);
  EXPECT_EQ(text_at(deployment, "metadata.name"), "server-faces");
  EXPECT_EQ(deployment["spec"]["replicas"], 2);
  EXPECT_EQ(text_at(deployment, "spec.strategy.type"), "Recreate");
  const ApiObject& pod = deployment["spec"]["template"]["spec"];
  const ApiObject& container = pod["containers"][0];
  EXPECT_EQ(container["command"][0], "scrim-server");
  EXPECT_EQ(container["command"][1], "--model-repository=/models");
  EXPECT_EQ(container["command"].back(), "--log-info=false");
  EXPECT_EQ(container["volumeMounts"][0]["readOnly"], true);
  EXPECT_EQ(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], "models");
  EXPECT_EQ(container["resources"]["limits"]["nvidia.com/gpu"], "1");
  EXPECT_EQ(container["startupProbe"]["failureThreshold"], 1800);
  EXPECT_EQ(container["startupProbe"]["periodSeconds"], 1) << "what waits is seldom late";
  EXPECT_EQ(container["terminationMessagePolicy"], "FallbackToLogsOnError");
  EXPECT_EQ(server_of(deployment), "faces");
  EXPECT_EQ(served_volume_of(deployment), "models");
}

TEST(ServerObjects, WithoutAnImageItIsTritons) {
  const ApiObject deployment = deployment_for(kServerPlan);
  const ApiObject& container = deployment["spec"]["template"]["spec"]["containers"][0];
  EXPECT_EQ(container["image"], "nvcr.io/nvidia/tritonserver:21.11-py3");
  EXPECT_EQ(container["command"][0], "tritonserver");
  for (const ApiObject& word : container["command"]) EXPECT_NE(word, "--http-address=0.0.0.0");
}

TEST(ServerObjects, OfTheToolkitsDeploymentNameAndVolumeAreRead) {
  const ApiObject deployment = parse_sorted_json(
      R"({"metadata":{"name":"ntap-dsutil-triton-old","labels":{"triton-server-name":"old"}},
          "spec":{"template":{"spec":{"volumes":[
            {"name":"x","emptyDir":{}},
            {"name":"model-repo","persistentVolumeClaim":{"claimName":"repo"}}]}}}})",
      "a deployment");
  EXPECT_EQ(server_of(deployment), "old");
  EXPECT_EQ(served_volume_of(deployment), "repo");
  EXPECT_EQ(served_volume_of(ApiObject::object()), "");
}

TEST(ServerObjects, PlansThatAreNoneAreRefused) {
  const auto refused = [](const char* why, const auto& change) {
    ServerPlan plan = kServerPlan;
    change(plan);
    expect_error(ErrorCode::kInvalidArgument, why, [&] { check_plan(plan); });
  };
  check_plan(kServerPlan);
  refused("of 0 replicas: 1 to 1000", [](ServerPlan& plan) { plan.replicas = 0; });
  refused("service 'Door' is none of", [](ServerPlan& plan) { plan.service = "Door"; });
  refused("a resource is NAME=AMOUNT", [](ServerPlan& plan) { plan.resources = {{"cpu", ""}}; });
}

TEST(ServerObjects, EveryPartOfAPlanIsNoted) {
  const auto changed = [](const auto& change) {
    ServerPlan plan = kServerPlan;
    change(plan);
    return plan_note(plan) != plan_note(kServerPlan);
  };
  EXPECT_TRUE(changed([](ServerPlan& plan) { plan.volume = "other"; }));
  EXPECT_TRUE(changed([](ServerPlan& plan) { plan.image = "other"; }));
  EXPECT_TRUE(changed([](ServerPlan& plan) { plan.flags = {"--x"}; }));
  EXPECT_TRUE(changed([](ServerPlan& plan) { plan.replicas = 2; }));
  EXPECT_TRUE(changed([](ServerPlan& plan) { plan.service = "ClusterIP"; }));
  EXPECT_TRUE(changed([](ServerPlan& plan) { plan.resources = {{"cpu", "1"}}; }));
  EXPECT_FALSE(changed([](ServerPlan&) {}));
}

}  // namespace
}  // namespace scrim
