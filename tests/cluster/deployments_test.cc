#include "cluster/deployments.h"

#include "cluster/cluster_fixture.h"
#include "cluster/objects.h"
#include "cluster/server_objects.h"
#include "support/expect_error.h"

namespace scrim {
namespace {

TEST(Deployments, AddressesAreThoseOfTheKindOfService) {
  ServerPlan plan{.name = "faces", .volume = "models"};
  const auto service = [&](const char* type) {
    plan.service = type;
    ApiObject made = service_for(plan);
    made["metadata"]["namespace"] = "lab";
    for (ApiObject& port : made["spec"]["ports"]) port["nodePort"] = 30'001;
    return made;
  };
  EXPECT_EQ(address_of(service("NodePort"), "http", "node.example"), "node.example:30001");
  EXPECT_EQ(address_of(service("NodePort"), "http", ""), "");
  EXPECT_EQ(address_of(service("ClusterIP"), "grpc", ""), "server-faces.lab.svc:8001");
  EXPECT_EQ(address_of(service("LoadBalancer"), "http", "n"), "");
  ApiObject balanced = service("LoadBalancer");
  balanced["status"]["loadBalancer"]["ingress"] = {{{"hostname", "lb.example"}}};
  EXPECT_EQ(address_of(balanced, "metrics", ""), "lb.example:8002");
  EXPECT_EQ(address_of(balanced, "nosuch", ""), "");
  // The toolkit names its ports otherwise, and their targets alike.
  const ApiObject old = parse_sorted_json(
      R"({"spec":{"type":"NodePort","ports":[
            {"name":"http-inference-server","targetPort":"http","nodePort":30005}]}})",
      "a service");
  EXPECT_EQ(address_of(old, "http", "n"), "n:30005");
}

TEST(Deployments, OneIsReadyWhenAllItsNewPodsAre) {
  ApiObject one = {
      {"metadata", {{"generation", 3}}},
      {"spec", {{"replicas", 2}}},
      {"status", {{"observedGeneration", 3}, {"readyReplicas", 2}, {"updatedReplicas", 2}}}};
  EXPECT_TRUE(is_ready_deployment(one));
  EXPECT_EQ(state_of_deployment(one), ProgramState::kReady);
  for (const char* field : {"observedGeneration", "readyReplicas", "updatedReplicas"}) {
    ApiObject other = one;
    other["status"][field] = 1;
    EXPECT_FALSE(is_ready_deployment(other)) << field;
    EXPECT_EQ(state_of_deployment(other), ProgramState::kStarting) << field;
  }
  one["spec"]["replicas"] = 0;
  EXPECT_EQ(state_of_deployment(one), ProgramState::kStopped);
}

TEST(Deployments, AClaimIsFoundByTheNameOfItsVolume) {
  const ApiObject one = deployment_for({.name = "faces", .volume = "models"});
  EXPECT_EQ(claim_in(one, "models"), "models");
  EXPECT_EQ(claim_in(one, "shm"), "");
  EXPECT_EQ(claim_in(one, "nosuch"), "");
  EXPECT_EQ(claim_in(ApiObject::object(), "models"), "");
}

class DeploymentsTest : public ClusterFixture {
 protected:
  static Deployed wanted(const ServerPlan& plan) {
    return {deployment_for(plan),
            "server 'faces'",
            {.labels = std::string(kServerLabel) + "=faces", .fields = {}}};
  }
  ServerPlan plan{.name = "faces", .volume = "models", .image = "registry.example/scrim:1"};
};

TEST_F(DeploymentsTest, WhatIsMadeIsMadeOnceWithItsServiceAndRemovedWithIt) {
  Api own = api();
  options.wait = false;
  const ClusterWork work(own, options);
  EXPECT_TRUE(made(work, wanted(plan), service_for(plan)).changed);
  own.remove(kServices, "server-faces");  // as if a run had been killed before it
  EXPECT_FALSE(made(work, wanted(plan), service_for(plan)).changed);
  EXPECT_TRUE(own.find(kServices, "server-faces"));
  plan.replicas = 3;
  expect_error(ErrorCode::kInvalidArgument, "a server 'faces' already, which was made otherwise",
               [&] { made(work, wanted(plan), service_for(plan)); });
  EXPECT_EQ(replicas_of(scaled(work, *own.find(kDeployments, "server-faces"), 4)), 4);
  removed(work, wanted(plan));
  removed(work, wanted(plan));  // nothing is there
  EXPECT_FALSE(own.find(kServices, "server-faces"));
}

}  // namespace
}  // namespace scrim
