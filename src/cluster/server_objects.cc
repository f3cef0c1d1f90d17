#include "cluster/server_objects.h"

#include "base/check.h"
#include "cluster/objects.h"

#include <array>

namespace scrim {
namespace {

constexpr const char* kTritonImage = "nvcr.io/nvidia/tritonserver:21.11-py3";
constexpr const char* kModels = "/models";
constexpr int kMostReplicas = 1000;
constexpr int kProbeSeconds = 5;
constexpr int kStartProbes = 360;  // half an hour of loading models

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

ApiObject probe(const char* path, int failures) {
  return {{"httpGet", {{"path", path}, {"port", "http"}}},
          {"periodSeconds", kProbeSeconds},
          {"failureThreshold", failures}};
}

ApiObject container_of(const ServerPlan& plan) {
  constexpr int kFailures = 3;
  ApiObject ports = ApiObject::array();
  for (const Port& port : kPorts) {
    ports.push_back({{"name", port.name}, {"containerPort", port.number}});
  }
  ApiObject container = {{"name", "server"},
                         {"image", plan.image.empty() ? kTritonImage : plan.image},
                         {"command", command_of(plan)},
                         {"ports", std::move(ports)},
                         {"startupProbe", probe("/v2/health/live", kStartProbes)},
                         {"livenessProbe", probe("/v2/health/live", kFailures)},
                         {"readinessProbe", probe("/v2/health/ready", kFailures)},
                         {"securityContext", {{"allowPrivilegeEscalation", false}}},
                         {"volumeMounts",
                          {{{"name", "models"}, {"mountPath", kModels}, {"readOnly", true}},
                           {{"name", "shm"}, {"mountPath", "/dev/shm"}}}}};
  if (!plan.resources.empty()) {
    container["resources"] = {{"requests", plan.resources}, {"limits", plan.resources}};
  }
  return container;
}

ApiObject metadata_for(const ServerPlan& plan) {
  return {{"name", server_object_name(plan.name)}, {"labels", {{kServerLabel, plan.name}}}};
}

const ApiObject* entry_named(const ApiObject& list, const std::string& name) {
  for (const ApiObject& one : list) {
    if (text_at(one, "name") == name || text_at(one, "targetPort") == name) return &one;
  }
  return nullptr;
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
  check(plan.service == "NodePort" || plan.service == "LoadBalancer" || plan.service == "ClusterIP",
        "service '", plan.service, "' is none of NodePort, LoadBalancer, ClusterIP");
  for (const auto& [resource, amount] : plan.resources) {
    check(!resource.empty() && !amount.empty(), "a resource is NAME=AMOUNT, as in memory=16Gi");
  }
}

ApiObject deployment_for(const ServerPlan& plan) {
  ApiObject deployment = {{"metadata", metadata_for(plan)}};
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
            {{"name", "shm"}, {"emptyDir", {{"medium", "Memory"}}}}}}}}}}};
  return deployment;
}

ApiObject service_for(const ServerPlan& plan) {
  ApiObject ports = ApiObject::array();
  for (const Port& port : kPorts) {
    ports.push_back({{"name", port.name}, {"port", port.number}, {"targetPort", port.name}});
  }
  return {{"metadata", metadata_for(plan)},
          {"spec",
           {{"type", plan.service},
            {"selector", {{kServerLabel, plan.name}}},
            {"ports", std::move(ports)}}}};
}

std::string server_of(const ApiObject& deployment) {
  const std::string own = label_of(deployment, kServerLabel);
  return own.empty() ? label_of(deployment, kToolkitServerLabel) : own;
}

std::string served_volume_of(const ApiObject& deployment) {
  const auto volumes = deployment.value("/spec/template/spec/volumes"_json_pointer, ApiObject());
  for (const ApiObject& volume : volumes) {
    std::string claim = text_at(volume, "persistentVolumeClaim.claimName");
    if (!claim.empty()) return claim;
  }
  return "";
}

std::string address_of(const ApiObject& service, const std::string& port, const std::string& node) {
  const ApiObject ports = service.value("/spec/ports"_json_pointer, ApiObject::array());
  const ApiObject* found = entry_named(ports, port);
  if (found == nullptr) return "";
  const std::string type = text_at(service, "spec.type");
  const auto with = [](const std::string& host, const ApiObject& number) {
    return host.empty() || !number.is_number() ? "" : host + ":" + number.dump();
  };
  if (type == "NodePort") return with(node, found->value("nodePort", ApiObject()));
  const ApiObject number = found->value("port", ApiObject());
  if (type != "LoadBalancer") {
    return with(name_of(service) + "." + text_at(service, "metadata.namespace") + ".svc", number);
  }
  const ApiObject outer = service.value("/status/loadBalancer/ingress"_json_pointer, ApiObject());
  if (!outer.is_array() || outer.empty()) return "";
  const std::string ip = text_at(outer.front(), "ip");
  return with(ip.empty() ? text_at(outer.front(), "hostname") : ip, number);
}

}  // namespace scrim
