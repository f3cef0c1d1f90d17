#include "cluster/servers.h"

#include "base/check.h"
#include "cluster/claims.h"
#include "cluster/objects.h"
#include "cluster/pods.h"
#include "cluster/server_objects.h"
#include "dataops/names.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr std::size_t kMostOfServerName = 56;  // a label, behind "server-"

int number_at(const ApiObject& object, const char* place) {
  return object.value(ApiObject::json_pointer(place), 0);
}

bool is_ready(const ApiObject& deployment) {
  const int wanted = number_at(deployment, "/spec/replicas");
  return number_at(deployment, "/status/observedGeneration") >=
             number_at(deployment, "/metadata/generation") &&
         number_at(deployment, "/status/readyReplicas") >= wanted &&
         number_at(deployment, "/status/updatedReplicas") >= wanted;
}

ServerState state_of_server(const ApiObject& deployment) {
  if (number_at(deployment, "/spec/replicas") == 0) return ServerState::kStopped;
  return is_ready(deployment) ? ServerState::kReady : ServerState::kStarting;
}

void check_server_name(const std::string& name) {
  check_namespace(name);  // a label and a service have no dots
  check(name.size() <= kMostOfServerName, "server name '", name, "' has ", name.size(),
        " characters, at most ", kMostOfServerName, " are allowed");
}

ApiSelection pods_of(const ApiObject& deployment) {
  const bool own = !label_of(deployment, kServerLabel).empty();
  const std::string label = own ? kServerLabel : kToolkitServerLabel;
  return {.labels = label + "=" + server_of(deployment), .fields = {}};
}

std::string words_of(const std::string& name) { return "server '" + name + "'"; }

}  // namespace

Outcome<ServedVolume> ClusterServers::create(const ServerPlan& plan) const {
  check_server_name(plan.name);
  check_plan(plan);
  claim_of(work_, plan.volume);
  const std::string object = server_object_name(plan.name);
  if (const auto there = work_.api.find(kDeployments, object)) {
    check(note_of(*there, kPlanNote) == plan_note(plan), "there is a server '", plan.name,
          "' already, which was made otherwise: ", note_of(*there, kPlanNote));
    // A run that was killed may have come no further.
    work_.step("make the service");
    work_.api.apply(kServices, service_for(plan));
    if (!work_.waits()) return {looked_up(*there), false};
    return {looked_up(ready(scaled(*there, plan.replicas))), is_ready(*there) ? false : true};
  }
  work_.step("make the deployment");
  const auto made = work_.api.create(kDeployments, deployment_for(plan));
  if (!made) return create(plan);  // somebody was faster
  work_.step("make the service");
  const ApiObject service = work_.api.apply(kServices, service_for(plan));
  if (!work_.waits()) return {served(*made, &service, "")};
  try {
    return {looked_up(work_.undone_on_failure(kDeployments, *made, [&] { return ready(*made); }))};
  } catch (const Error&) {
    work_.api.remove(kServices, object);
    throw;
  }
}

Outcome<ServedVolume> ClusterServers::start(const std::string& name) const {
  const ApiObject there = deployment_of(name);
  const bool runs = number_at(there, "/spec/replicas") > 0;
  const std::string noted = note_of(there, kReplicasNote);
  const ApiObject started = runs ? there : scaled(there, noted.empty() ? 1 : std::stoi(noted));
  return {looked_up(work_.waits() ? ready(started) : started), !runs};
}

Outcome<ServedVolume> ClusterServers::stop(const std::string& name) const {
  const ApiObject there = deployment_of(name);
  if (number_at(there, "/spec/replicas") == 0) return {looked_up(there), false};
  scaled(there, 0);
  if (work_.waits()) {
    work_.wait_none(kPods, pods_of(there), "the end of " + words_of(name));
  }
  return {looked_up(deployment_of(name))};
}

void ClusterServers::remove(const std::string& name) const {
  const ApiObject there = deployment_of(name);
  if (work_.options.dry_run) return;
  work_.step("delete the service");
  work_.api.remove(kServices, name_of(there));
  work_.step("delete the deployment");
  work_.api.remove(kDeployments, name_of(there), uid_of(there), Removal::kForeground);
  if (work_.waits()) work_.wait_gone(kDeployments, there, "the deletion of " + words_of(name));
}

ServedVolume ClusterServers::find(const std::string& name) const {
  return looked_up(deployment_of(name));
}

std::vector<ServedVolume> ClusterServers::all() const {
  const std::vector<ApiObject> found = deployments();
  if (found.empty()) {
    work_.check_space();
    return {};
  }
  const std::vector<ApiObject> services = work_.api.list(kServices);
  const std::string node = node_address();
  std::vector<ServedVolume> servers;
  for (const ApiObject& deployment : found) {
    const auto service = std::ranges::find(services, name_of(deployment), &name_of);
    servers.push_back(served(deployment, service == services.end() ? nullptr : &*service, node));
  }
  std::ranges::sort(servers, {}, &ServedVolume::name);
  return servers;
}

std::vector<std::string> ClusterServers::over(const std::string& volume) const {
  std::vector<std::string> names;
  for (const ApiObject& deployment : deployments()) {
    if (served_volume_of(deployment) == volume) names.push_back(server_of(deployment));
  }
  return names;
}

ApiObject ClusterServers::deployment_of(const std::string& name) const {
  check_server_name(name);
  if (auto own = work_.api.find(kDeployments, server_object_name(name))) return std::move(*own);
  if (auto other = work_.api.find(kDeployments, "ntap-dsutil-triton-" + name)) {
    return std::move(*other);
  }
  work_.check_space();
  fail(ErrorCode::kNotFound, "there is no server '", name, "'");
}

std::vector<ApiObject> ClusterServers::deployments() const {
  std::vector<ApiObject> found = work_.api.list(kDeployments);
  std::erase_if(found, [](const ApiObject& one) { return server_of(one).empty(); });
  return found;
}

ServedVolume ClusterServers::served(const ApiObject& deployment, const ApiObject* service,
                                    const std::string& node) const {
  ServedVolume server{.name = server_of(deployment),
                      .volume = served_volume_of(deployment),
                      .state = state_of_server(deployment),
                      .created = text_at(deployment, "metadata.creationTimestamp")};
  if (service == nullptr) return server;
  server.http = address_of(*service, "http", node);
  server.grpc = address_of(*service, "grpc", node);
  server.metrics = address_of(*service, "metrics", node);
  return server;
}

ServedVolume ClusterServers::looked_up(const ApiObject& deployment) const {
  const auto service = work_.api.find(kServices, name_of(deployment));
  const bool on_node = service && text_at(*service, "spec.type") == "NodePort";
  return served(deployment, service ? &*service : nullptr, on_node ? node_address() : "");
}

// From outside where there is such an address, else from inside.
std::string ClusterServers::node_address() const {
  // Who may not look at nodes has other ways to find one.
  const auto nodes = allowed_or({}, [&] { return work_.api.list(kNodes); });
  std::string inner;
  for (const ApiObject& node : nodes) {
    for (const ApiObject& one : node.value("/status/addresses"_json_pointer, ApiObject::array())) {
      if (text_at(one, "type") == "ExternalIP") return text_at(one, "address");
      if (inner.empty() && text_at(one, "type") == "InternalIP") inner = text_at(one, "address");
    }
  }
  return inner;
}

ApiObject ClusterServers::scaled(const ApiObject& deployment, int replicas) const {
  const int before = number_at(deployment, "/spec/replicas");
  if (before == replicas) return deployment;
  work_.step("scale the deployment");
  return work_.api.change(kDeployments, name_of(deployment), [&](const ApiObject&) -> ApiObject {
    ApiObject patch = {{"spec", {{"replicas", replicas}}}};
    if (before > 0) patch["metadata"]["annotations"][kReplicasNote] = std::to_string(before);
    return patch;
  });
}

ApiObject ClusterServers::ready(const ApiObject& deployment) const {
  return work_.wait_for(kDeployments, name_of(deployment), words_of(server_of(deployment)),
                        &is_ready, {}, [&] { return trouble_of(deployment); });
}

// What keeps its pods from being ready, as far as they or the scheduler say.
std::string ClusterServers::trouble_of(const ApiObject& deployment) const {
  for (const ApiObject& pod : work_.api.list(kPods, pods_of(deployment))) {
    std::string trouble = trouble_of_pod(work_, pod);
    if (!trouble.empty()) return trouble;
  }
  return "";
}

}  // namespace scrim
