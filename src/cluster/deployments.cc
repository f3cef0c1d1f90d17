#include "cluster/deployments.h"

#include "base/check.h"
#include "cluster/objects.h"
#include "cluster/pods.h"

#include <algorithm>
#include <charconv>

namespace scrim {
namespace {

int number_at(const ApiObject& object, const char* place) {
  return object.value(ApiObject::json_pointer(place), 0);
}

const ApiObject* entry_named(const ApiObject& list, const std::string& name) {
  for (const ApiObject& one : list) {
    if (text_at(one, "name") == name || text_at(one, "targetPort") == name) return &one;
  }
  return nullptr;
}

// What keeps its pods from being ready, as far as they or the scheduler say.
std::string trouble_of(const ClusterWork& work, const ApiSelection& pods) {
  for (const ApiObject& pod : work.api.list(kPods, pods)) {
    std::string trouble = trouble_of_pod(work, pod);
    if (!trouble.empty()) return trouble;
  }
  return "";
}

}  // namespace

int replicas_of(const ApiObject& deployment) { return number_at(deployment, "/spec/replicas"); }

bool is_ready_deployment(const ApiObject& deployment) {
  const int wanted = replicas_of(deployment);
  return number_at(deployment, "/status/observedGeneration") >=
             number_at(deployment, "/metadata/generation") &&
         number_at(deployment, "/status/readyReplicas") >= wanted &&
         number_at(deployment, "/status/updatedReplicas") >= wanted;
}

ProgramState state_of_deployment(const ApiObject& deployment) {
  if (replicas_of(deployment) == 0) return ProgramState::kStopped;
  return is_ready_deployment(deployment) ? ProgramState::kReady : ProgramState::kStarting;
}

std::string claim_in(const ApiObject& deployment, const std::string& volume) {
  const auto volumes = deployment.value("/spec/template/spec/volumes"_json_pointer, ApiObject());
  for (const ApiObject& one : volumes) {
    if (text_at(one, "name") == volume) return text_at(one, "persistentVolumeClaim.claimName");
  }
  return "";
}

bool has_claim(const ApiObject& deployment, const std::string& claim) {
  const auto volumes =
      deployment.value("/spec/template/spec/volumes"_json_pointer, ApiObject::array());
  return std::ranges::any_of(volumes, [&](const ApiObject& one) {
    return text_at(one, "persistentVolumeClaim.claimName") == claim;
  });
}

int noted_replicas(const ApiObject& deployment) {
  constexpr int kMost = 1'000'000;
  int replicas = 0;
  const std::string noted = note_of(deployment, kReplicasNote);
  const auto [end, error] = std::from_chars(noted.data(), noted.data() + noted.size(), replicas);
  const bool is_number = error == std::errc() && end == noted.data() + noted.size();
  return is_number && replicas > 0 && replicas <= kMost ? replicas : 1;
}

ApiObject ready(const ClusterWork& work, const Deployed& one) {
  return work.wait_for(kDeployments, name_of(one.object), one.words, &is_ready_deployment, {},
                       [&] { return trouble_of(work, one.pods); });
}

ApiObject scaled(const ClusterWork& work, const ApiObject& deployment, int replicas) {
  const int before = replicas_of(deployment);
  if (before == replicas) return deployment;
  work.step("scale the deployment");
  return work.api.change(kDeployments, name_of(deployment), [&](const ApiObject&) -> ApiObject {
    ApiObject patch = {{"spec", {{"replicas", replicas}}}};
    if (before > 0) patch["metadata"]["annotations"][kReplicasNote] = std::to_string(before);
    return patch;
  });
}

Outcome<ApiObject> made(const ClusterWork& work, const Deployed& wanted, const ApiObject& service) {
  const std::string name = name_of(wanted.object);
  if (const auto there = work.api.find(kDeployments, name)) {
    const std::string noted = note_of(*there, kPlanNote);
    check(noted == note_of(wanted.object, kPlanNote), "there is a ", wanted.words,
          " already, which was made otherwise: ", noted);
    // A run that was killed may have come no further.
    work.step("make the service");
    work.api.apply(kServices, service);
    if (!work.waits()) return {*there, false};
    Deployed now = wanted;
    now.object = scaled(work, *there, replicas_of(wanted.object));
    return {ready(work, now), !is_ready_deployment(*there)};
  }
  work.step("make the deployment");
  const auto begun = work.api.create(kDeployments, wanted.object);
  if (!begun) return made(work, wanted, service);  // somebody was faster
  work.step("make the service");
  work.api.apply(kServices, service);
  if (!work.waits()) return {*begun};
  try {
    return {work.undone_on_failure(kDeployments, *begun, [&] {
      return ready(work, {*begun, wanted.words, wanted.pods});
    })};
  } catch (const Error&) {
    work.api.remove(kServices, name);
    throw;
  }
}

void removed(const ClusterWork& work, const Deployed& one) {
  const std::string name = name_of(one.object);
  work.step("delete the service");
  work.api.remove(kServices, name);
  work.step("delete the deployment");
  const bool was_there = work.api.remove(kDeployments, name, {}, Removal::kForeground);
  if (!was_there || !work.waits()) return;
  work.wait_gone(kDeployments, one.object, "the deletion of " + one.words);
}

Outcome<ApiObject> stopped(const ClusterWork& work, const Deployed& one) {
  if (replicas_of(one.object) == 0) return {one.object, false};
  const ApiObject none = scaled(work, one.object, 0);
  if (!work.waits()) return {none};
  work.wait_none(kPods, one.pods, "the end of " + one.words);
  return {work.api.find(kDeployments, name_of(one.object)).value_or(none)};
}

Outcome<ApiObject> started(const ClusterWork& work, const Deployed& one) {
  const bool runs = replicas_of(one.object) > 0;
  Deployed now = one;
  if (!runs) now.object = scaled(work, one.object, noted_replicas(one.object));
  return {work.waits() ? ready(work, now) : now.object, !runs};
}

std::string node_address(const ClusterWork& work) {
  // Who may not look at nodes has other ways to find one.
  const auto nodes = allowed_or({}, [&] { return work.api.list(kNodes); });
  std::string inner;
  for (const ApiObject& node : nodes) {
    for (const ApiObject& one : node.value("/status/addresses"_json_pointer, ApiObject::array())) {
      if (text_at(one, "type") == "ExternalIP") return text_at(one, "address");
      if (inner.empty() && text_at(one, "type") == "InternalIP") inner = text_at(one, "address");
    }
  }
  return inner;
}

std::string address_of(const ApiObject& service, const std::string& port, const std::string& node) {
  const ApiObject ports = service.value("/spec/ports"_json_pointer, ApiObject::array());
  const ApiObject* found = entry_named(ports, port);
  if (found == nullptr) return "";
  const std::string type = text_at(service, "spec.type");
  const auto with = [](const std::string& host, const ApiObject& number) {
    const bool six = host.find(':') != std::string::npos;  // an address of IPv6
    return host.empty() || !number.is_number()
               ? ""
               : (six ? "[" + host + "]" : host) + ":" + number.dump();
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

Reached reached(const ClusterWork& work, const ApiObject& deployment) {
  auto service = work.api.find(kServices, name_of(deployment));
  const bool on_node = service && text_at(*service, "spec.type") == "NodePort";
  return {deployment, std::move(service), on_node ? node_address(work) : ""};
}

std::vector<Reached> all_reached(const ClusterWork& work,
                                 const std::vector<ApiObject>& deployments) {
  if (deployments.empty()) {
    work.check_space();
    return {};
  }
  const std::vector<ApiObject> services = work.api.list(kServices);
  const std::string node = node_address(work);
  std::vector<Reached> all;
  for (const ApiObject& deployment : deployments) {
    const auto found = std::ranges::find(services, name_of(deployment), &name_of);
    all.push_back({deployment, {}, node});
    if (found != services.end()) all.back().service = *found;
  }
  return all;
}

}  // namespace scrim
