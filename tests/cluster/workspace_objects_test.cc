#include "cluster/workspace_objects.h"

#include "base/base64.h"
#include "cluster/objects.h"
#include "dataops/jupyter.h"
#include "dataops/workspace_plan.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace scrim {
namespace {

const WorkspacePlan kLivePlan{.name = "live",
                              .size = 1 << 30,
                              .mounts = {{"data", "/home/jovyan/data"}},
                              .environment = {{"SEED", "7"}},
                              .resources = {{"nvidia.com/gpu", "2"}}};

const ApiObject& pod_of(const ApiObject& deployment) {
  return deployment["spec"]["template"]["spec"];
}
const ApiObject& container_of_pod(const ApiObject& deployment) {
  return pod_of(deployment)["containers"][0];
}

std::string secret_text(const ApiObject& secret, const char* name) {
  return from_base64(secret["data"].value(name, ""), "a secret");
}

const ApiObject& mount_at(const ApiObject& deployment, const std::string& path) {
  const ApiObject& mounts = container_of_pod(deployment)["volumeMounts"];
  return *std::ranges::find_if(
      mounts, [&](const ApiObject& one) { return text_at(one, "mountPath") == path; });
}

TEST(WorkspaceObjects, ADeploymentHasItsVolumeTheOthersAndWhatItAskedFor) {
  const ApiObject deployment = deployment_for_workspace(kLivePlan);
  EXPECT_EQ(text_at(deployment, "metadata.name"), "workspace-live");
  EXPECT_EQ(text_at(deployment, "spec.strategy.type"), "Recreate");
  EXPECT_EQ(own_claim_of(deployment), "workspace-live");
  EXPECT_EQ(text_at(mount_at(deployment, "/home/jovyan"), "name"), "workspace");
  EXPECT_EQ(claim_in(deployment, text_at(mount_at(deployment, "/home/jovyan/data"), "name")),
            "data");
  const ApiObject& container = container_of_pod(deployment);
  EXPECT_EQ(container["resources"]["limits"]["nvidia.com/gpu"], "2");
  EXPECT_EQ(container["env"][0]["value"], "7");
  EXPECT_EQ(container["command"][0], "jupyter");
  EXPECT_EQ(container["readinessProbe"]["httpGet"]["scheme"], "HTTPS");
  EXPECT_EQ(container["startupProbe"]["periodSeconds"], 1) << "what waits is seldom late";
  EXPECT_EQ(pod_of(deployment)["securityContext"]["fsGroup"], 100);
  EXPECT_EQ(pod_of(deployment)["shareProcessNamespace"], true) << "any program ends when told";
  EXPECT_EQ(workspace_of(deployment), "live");
}

TEST(WorkspaceObjects, NothingSecretIsInTheDeployment) {
  WorkspacePlan plan = kLivePlan;
  plan.password = "open sesame";
  const ApiObject secret = secret_for_workspace(plan, {"localhost"});
  const std::string settings = secret_text(secret, "jupyter.json");
  EXPECT_NE(settings.find("argon2:"), std::string::npos);
  EXPECT_EQ(deployment_for_workspace(plan).dump().find("argon2"), std::string::npos);
  EXPECT_EQ(deployment_for_workspace(plan).dump().find("sesame"), std::string::npos);
  EXPECT_EQ(settings.find("sesame"), std::string::npos);
  EXPECT_NE(token_in(secret_text(secret_for_workspace(kLivePlan, {"x"}), "jupyter.json")), "");
}

TEST(WorkspaceObjects, ACertificateIsMadeOrNamedOrLeftOut) {
  const auto has_own = [](const WorkspacePlan& plan) {
    return secret_for_workspace(plan, {"x"})["data"].contains("tls.crt");
  };
  EXPECT_TRUE(has_own(kLivePlan));
  WorkspacePlan named = kLivePlan;
  named.tls_secret = "lab-certificate";
  EXPECT_FALSE(has_own(named));
  EXPECT_NE(deployment_for_workspace(named).dump().find("lab-certificate"), std::string::npos);
  WorkspacePlan open = kLivePlan;
  open.tls = false;
  EXPECT_FALSE(has_own(open));
  EXPECT_EQ(secret_text(secret_for_workspace(open, {"x"}), "jupyter.json").find("certfile"),
            std::string::npos);
  EXPECT_EQ(container_of_pod(deployment_for_workspace(open))["readinessProbe"]["httpGet"]["scheme"],
            "HTTP");
}

TEST(WorkspaceObjects, AProgramOfOnesOwnIsProbedByItsPort) {
  WorkspacePlan plan = kLivePlan;
  plan.command = {"code", "--port={port}", "{folder}"};
  plan.folder = "/lab";
  const ApiObject deployment = deployment_for_workspace(plan);
  const ApiObject& container = container_of_pod(deployment);
  EXPECT_EQ(container["command"], (ApiObject{"code", "--port=8888", "/lab"}));
  EXPECT_TRUE(container["readinessProbe"].contains("tcpSocket"));
  EXPECT_EQ(deployment.dump().find("/etc/scrim"), std::string::npos) << "it has no settings";
  EXPECT_TRUE(secret_for_workspace(plan, {"x"})["data"].empty());
}

TEST(WorkspaceObjects, ItsPageIsWhereItsServiceIs) {
  const auto url = [](WorkspacePlan plan, const char* type) {
    plan.service = type;
    ApiObject service = service_for_workspace(plan);
    service["metadata"]["namespace"] = "lab";
    service["spec"]["ports"][0]["nodePort"] = 30'001;
    service["status"]["loadBalancer"]["ingress"] = {{{"ip", "192.0.2.7"}}};
    return url_of_workspace(deployment_for_workspace(plan), service, "node.example");
  };
  EXPECT_EQ(url(kLivePlan, "NodePort"), "https://node.example:30001/lab");
  EXPECT_EQ(url(kLivePlan, "LoadBalancer"), "https://192.0.2.7:443/lab");
  EXPECT_EQ(url(kLivePlan, "ClusterIP"), "https://workspace-live.lab.svc:8888/lab");
  WorkspacePlan open = kLivePlan;
  open.tls = false;
  EXPECT_EQ(url(open, "LoadBalancer"), "http://192.0.2.7:80/lab");
  open.command = {"code"};
  EXPECT_EQ(url(open, "NodePort"), "http://node.example:30001/");
}

TEST(WorkspaceObjects, ThePlanIsNotedOrReadFromTheParts) {
  const ApiObject deployment = deployment_for_workspace(kLivePlan);
  EXPECT_EQ(plan_json(plan_of_workspace(deployment, {})), plan_json(kLivePlan));
  ApiObject damaged = deployment;
  damaged["metadata"]["annotations"][kPlanNote] = "{}";
  expect_error(ErrorCode::kCorrupt, "the note of workspace 'live' is damaged",
               [&] { plan_of_workspace(damaged, {}); });
  const ApiObject old = parse_sorted_json(
      R"({"metadata":{"name":"ntap-dsutil-jupyterlab-old",
                      "labels":{"jupyterlab-workspace-name":"old"}},
          "spec":{"template":{"spec":{
            "containers":[{"image":"nvcr.io/nvidia/tensorflow:22.05-tf2-py3",
              "env":[{"name":"RESTARTABLE","value":"yes"}],
              "resources":{"limits":{"nvidia.com/gpu":"1"}},
              "volumeMounts":[{"name":"workspace","mountPath":"/workspace"},
                              {"name":"uservol","mountPath":"/data"}]}],
            "volumes":[{"name":"workspace","persistentVolumeClaim":
                         {"claimName":"ntap-dsutil-jupyterlab-old"}},
                       {"name":"uservol","persistentVolumeClaim":{"claimName":"pictures"}}]}}}})",
      "a deployment");
  const ApiObject service = parse_sorted_json(
      R"({"spec":{"type":"NodePort","ports":[
            {"name":"https","port":8888,"targetPort":8888,"nodePort":30009}]}})",
      "a service");
  const WorkspacePlan plan = plan_of_workspace(old, service);
  EXPECT_EQ(workspace_of(old), "old");
  EXPECT_EQ(own_claim_of(old), "ntap-dsutil-jupyterlab-old");
  EXPECT_EQ(plan.image, "nvcr.io/nvidia/tensorflow:22.05-tf2-py3");
  EXPECT_EQ(plan.folder, "/workspace");
  EXPECT_EQ(plan.mounts, (std::vector<Mount>{{"pictures", "/data"}}));
  EXPECT_EQ(plan.environment.at("RESTARTABLE"), "yes");
  EXPECT_EQ(plan.resources.at("nvidia.com/gpu"), "1");
  EXPECT_EQ(url_of_workspace(old, service, "n"), "https://n:30009/lab");
}

}  // namespace
}  // namespace scrim
