#include "cluster/server_objects.h"

#include "base/check.h"
#include "cluster/deployments.h"
#include "cluster/objects.h"
#include "cluster/pod_parts.h"
#include "dataops/names.h"

#include <array>

namespace scrim {
namespace {

constexpr const char* kTritonImage = "nvcr.io/nvidia/tritonserver:21.11-py3";
constexpr const char* kModels = "/models";
constexpr int kMostReplicas = 1000;
constexpr int kProbeSeconds = 5;
constexpr int kStartProbes = 1800;  // one a second: half an hour of loading models

struct Port {
  const char* name;
  int number;
};
constexpr std::array kPorts = {Port{"http", 8000}, Port{"grpc", 8001}, Port{"metrics", 8002}};

bool is_triton(const ServerPlan& plan) {
  return plan.image.empty() || plan.program.find("tritonserver") != std::string::npos;
}

ApiObject command_of(const ServerPlan& plan) {
  ApiObject words = ApiObject::array();
  words.push_back(plan.image.empty() ? "tritonserver" : plan.program);
  words.push_back(std::string("--model-repository=") + kModels);
  words.push_back("--model-control-mode=poll");
  words.push_back("--repository-poll-secs=5");
  if (!is_triton(plan)) words.push_back("--http-address=0.0.0.0");  // Triton listens so
  for (const std::string& flag : plan.flags) words.push_back(flag);
  return words;
}

ApiObject probe(const char* path, int seconds, int failures) {
  return {{"httpGet", {{"path", path}, {"port", "http"}}},
          {"periodSeconds", seconds},
          {"failureThreshold", failures}};
}

ApiObject container_of(const ServerPlan& plan) {
  constexpr int kFailures = 3;
  ApiObject ports = ApiObject::array();
  for (const Port& port : kPorts) {
    ports.push_back({{"name", port.name}, {"containerPort", port.number}});
  }
  ApiObject container = {
      {"name", "server"},
      {"image", plan.image.empty() ? kTritonImage : plan.image},
      {"command", command_of(plan)},
      {"ports", std::move(ports)},
      {"startupProbe", probe("/v2/health/live", 1, kStartProbes)},
      {"livenessProbe", probe("/v2/health/live", kProbeSeconds, kFailures)},
      {"readinessProbe", probe("/v2/health/ready", kProbeSeconds, kFailures)},
      {"terminationMessagePolicy", kLastWords},
      {"securityContext", {{"allowPrivilegeEscalation", false}}},
      {"volumeMounts",
       {{{"name", "models"}, {"mountPath", kModels}, {"readOnly", true}}, shared_memory_mount()}}};
  add_resources(plan.resources, container);
  return container;
}

ApiObject metadata_for(const std::string& server) {
  return {{"name", server_object_name(server)}, {"labels", {{kServerLabel, server}}}};
}

}  // namespace

std::string server_object_name(const std::string& server) { return "server-" + server; }

std::string plan_note(const ServerPlan& plan) {
  return ApiObject{{"volume", plan.volume},       {"image", plan.image},
                   {"command", command_of(plan)}, {"replicas", plan.replicas},
                   {"service", plan.service},     {"resources", plan.resources}}
      .dump();
}

void check_plan(const ServerPlan& plan) {
  check(plan.replicas >= 1 && plan.replicas <= kMostReplicas, "server '", plan.name, "' of ",
        plan.replicas, " replicas: 1 to ", kMostReplicas, " are allowed");
  check_service(plan.service);
  check_resources(plan.resources);
}

ApiObject deployment_for(const ServerPlan& plan) {
  ApiObject deployment = {{"metadata", metadata_for(plan.name)}};
  deployment["metadata"]["annotations"][kPlanNote] = plan_note(plan);
  deployment["spec"] = {
      {"replicas", plan.replicas},
      {"strategy", {{"type", "Recreate"}}},  // a second pod may not get the volume
      {"selector", {{"matchLabels", {{kServerLabel, plan.name}}}}},
      {"template",
       {{"metadata", {{"labels", {{kServerLabel, plan.name}}}}},
        {"spec",
         {{"automountServiceAccountToken", false},
          {"containers", {container_of(plan)}},
          {"volumes",
           {{{"name", "models"},
             {"persistentVolumeClaim", {{"claimName", plan.volume}, {"readOnly", true}}}},
            shared_memory()}}}}}}};
  return deployment;
}

ApiObject service_for(const ServerPlan& plan) {
  ApiObject ports = ApiObject::array();
  for (const Port& port : kPorts) {
    ports.push_back({{"name", port.name}, {"port", port.number}, {"targetPort", port.name}});
  }
  return {{"metadata", metadata_for(plan.name)},
          {"spec",
           {{"type", plan.service},
            {"selector", {{kServerLabel, plan.name}}},
            {"ports", std::move(ports)}}}};
}

ApiObject deployment_like(const ApiObject& other, const std::string& server,
                          const std::string& volume) {
  ApiObject deployment = {{"metadata", metadata_for(server)}, {"spec", other.at("spec")}};
  ApiObject& spec = deployment["spec"];
  if (replicas_of(other) == 0) spec["replicas"] = noted_replicas(other);
  spec["selector"] = {{"matchLabels", {{kServerLabel, server}}}};
  spec["template"]["metadata"] = {{"labels", {{kServerLabel, server}}}};
  for (ApiObject& one : spec["template"]["spec"]["volumes"]) {
    if (one.contains("persistentVolumeClaim")) one["persistentVolumeClaim"]["claimName"] = volume;
  }
  const std::string noted = note_of(other, kPlanNote);
  ApiObject plan = noted.empty() ? ApiObject::object() : parse_sorted_json(noted, "a plan");
  plan["volume"] = volume;
  deployment["metadata"]["annotations"][kPlanNote] = plan.dump();
  return deployment;
}

ApiObject service_like(const ApiObject& other, const std::string& server) {
  ApiObject ports = ApiObject::array();
  for (const ApiObject& port : other.at("spec").at("ports")) {
    ports.push_back({{"name", port.value("name", "")},
                     {"port", port.at("port")},
                     {"targetPort", port.at("targetPort")}});
  }
  return {{"metadata", metadata_for(server)},
          {"spec",
           {{"type", text_at(other, "spec.type")},
            {"selector", {{kServerLabel, server}}},
            {"ports", std::move(ports)}}}};
}

std::string server_of(const ApiObject& deployment) {
  const std::string own = label_of(deployment, kServerLabel);
  return own.empty() ? label_of(deployment, kToolkitServerLabel) : own;
}

std::string served_volume_of(const ApiObject& deployment) {
  const std::string own = claim_in(deployment, "models");
  return own.empty() ? claim_in(deployment, "model-repo") : own;  // as the toolkit names it
}

}  // namespace scrim
