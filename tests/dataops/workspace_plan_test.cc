#include "dataops/workspace_plan.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

WorkspacePlan full_plan() {
  return {.name = "live",
          .size = 1 << 20,
          .mounts = {{"data", "/home/jovyan/data"}, {"models", "/models"}},
          .command = {"code", "--port={port}", "{folder}"},
          .environment = {{"SEED", "7"}},
          .image = "registry.example/lab:1",
          .folder = "/home/lab",
          .service = "LoadBalancer",
          .resources = {{"nvidia.com/gpu", "2"}},
          .tls_secret = "own-certificate"};
}

TEST(WorkspacePlan, AsJsonAndBackItIsTheSame) {
  const WorkspacePlan plan = full_plan();
  const WorkspacePlan read = plan_from(plan_json(plan));
  EXPECT_EQ(read.mounts, plan.mounts);
  EXPECT_EQ(read.command, plan.command);
  EXPECT_EQ(read.environment, plan.environment);
  EXPECT_EQ(read.image, plan.image);
  EXPECT_EQ(read.folder, plan.folder);
  EXPECT_EQ(read.service, plan.service);
  EXPECT_EQ(read.resources, plan.resources);
  EXPECT_EQ(read.tls_secret, plan.tls_secret);
  EXPECT_TRUE(read.tls);
  WorkspacePlan open = plan;
  open.tls = false;
  open.tls_secret = "";
  EXPECT_FALSE(plan_from(plan_json(open)).tls);
}

TEST(WorkspacePlan, ThePasswordIsNotNoted) {
  WorkspacePlan plan = full_plan();
  plan.command = {};
  plan.password = "open sesame";
  EXPECT_EQ(plan_json(plan).dump().find("sesame"), std::string::npos);
}

TEST(WorkspacePlan, ACloneHasWhatTheOtherHadButForTheChanges) {
  WorkspacePlan changes{.name = "second", .size = 2 << 20, .environment = {{"MODE", "x"}}};
  changes.resources = {{"memory", "1Gi"}};
  const WorkspacePlan clone = with_changes(full_plan(), changes);
  EXPECT_EQ(clone.name, "second");
  EXPECT_EQ(clone.size, 2U << 20);
  EXPECT_EQ(clone.mounts, full_plan().mounts);
  EXPECT_EQ(clone.image, full_plan().image);
  EXPECT_EQ(clone.service, "LoadBalancer");
  EXPECT_EQ(clone.environment.at("SEED"), "7");
  EXPECT_EQ(clone.environment.at("MODE"), "x");
  EXPECT_EQ(clone.resources.size(), 2U);
  EXPECT_TRUE(clone.password.empty());
  EXPECT_EQ(clone.http_port, 0);
  changes.mounts = {{"other", "/other"}};
  changes.image = "another:2";
  EXPECT_EQ(with_changes(full_plan(), changes).mounts, changes.mounts);
  EXPECT_EQ(with_changes(full_plan(), changes).image, "another:2");
}

TEST(WorkspacePlan, ItsVolumeIsNamedAfterIt) {
  EXPECT_EQ(workspace_volume("live"), "workspace-live");
  EXPECT_EQ(workspace_of_volume("workspace-live"), "live");
  EXPECT_FALSE(workspace_of_volume("live"));
}

TEST(WorkspacePlan, APlaceIsFilledIn) {
  EXPECT_EQ(placed({"--at={port}:{port}", "{folder}/x", "plain"}, "80", "/f"),
            (std::vector<std::string>{"--at=80:80", "/f/x", "plain"}));
  EXPECT_EQ(mount_name({"v", "/a/b/"}), "b");
  EXPECT_EQ(mount_name({"v", "/"}), "");
}

TEST(WorkspacePlan, WhatIsNoneIsNamed) {
  check_workspace(full_plan());
  const auto refused = [](const char* why, const auto& change) {
    WorkspacePlan plan = full_plan();
    change(plan);
    expect_error(ErrorCode::kInvalidArgument, why, [&] { check_workspace(plan); });
  };
  refused("name 'a.b' holds a dot", [](WorkspacePlan& plan) { plan.name = "a.b"; });
  refused("has 60 characters, at most 53",
          [](WorkspacePlan& plan) { plan.name = std::string(60, 'a'); });
  refused("mounted at 'data', which is no whole path", [](WorkspacePlan& plan) {
    plan.mounts = {{"data", "data"}};
  });
  refused("which is no whole path", [](WorkspacePlan& plan) {
    plan.mounts = {{"data", "/a/../etc"}};
  });
  refused("which is no whole path", [](WorkspacePlan& plan) { plan.mounts = {{"data", "/"}}; });
  refused("two volumes are mounted as 'x'", [](WorkspacePlan& plan) {
    plan.mounts = {{"a", "/1/x"}, {"b", "/2/x"}};
  });
  refused("'2B' is no name of a variable", [](WorkspacePlan& plan) {
    plan.environment = {{"2B", "x"}};
  });
  refused("is none of NodePort", [](WorkspacePlan& plan) { plan.service = "Door"; });
  refused("a resource is NAME=AMOUNT", [](WorkspacePlan& plan) { plan.resources = {{"cpu", ""}}; });
  refused("the folder of workspace 'live' is 'lab'",
          [](WorkspacePlan& plan) { plan.folder = "lab"; });
  refused("a password is of JupyterLab", [](WorkspacePlan& plan) { plan.password = "x"; });
  refused("has a certificate and shall not use it", [](WorkspacePlan& plan) { plan.tls = false; });
}

}  // namespace
}  // namespace scrim
