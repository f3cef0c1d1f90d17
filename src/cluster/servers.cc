#include "cluster/servers.h"

#include "base/check.h"
#include "cluster/claims.h"
#include "cluster/deployments.h"
#include "cluster/objects.h"
#include "cluster/server_objects.h"
#include "dataops/names.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr std::size_t kMostOfServerName = 56;  // a label, behind "server-"

void check_server_name(const std::string& name) {
  check_namespace(name);  // a label and a service have no dots
  check(name.size() <= kMostOfServerName, "server name '", name, "' has ", name.size(),
        " characters, at most ", kMostOfServerName, " are allowed");
}

std::string words_of(const std::string& name) { return "server '" + name + "'"; }

Deployed deployed(const ApiObject& deployment) {
  const bool own = !label_of(deployment, kServerLabel).empty();
  const std::string label = own ? kServerLabel : kToolkitServerLabel;
  const std::string name = server_of(deployment);
  return {deployment, words_of(name), {.labels = label + "=" + name, .fields = {}}};
}

}  // namespace

Outcome<ServedVolume> ClusterServers::create(const ServerPlan& plan) const {
  check_server_name(plan.name);
  check_plan(plan);
  claim_of(work_, plan.volume);
  const auto outcome = made(work_, deployed(deployment_for(plan)), service_for(plan));
  return {looked_up(outcome.object), outcome.changed};
}

Outcome<ServedVolume> ClusterServers::clone(const std::string& name,
                                            const std::string& from) const {
  check_server_name(name);
  const ApiObject other = deployment_of(from);
  const std::string volume = server_object_name(name);
  const ApiObject wanted = deployment_like(other, name, volume);
  const auto other_service = work_.api.find(kServices, name_of(other));
  check(other_service.has_value(), words_of(from), " has no service");
  const Outcome<Volume> models =
      clone_volume(work_, volume, {ObjectKind::kVolume, served_volume_of(other)}, {}, {});
  try {
    const auto outcome = made(work_, deployed(wanted), service_like(*other_service, name));
    return {looked_up(outcome.object), outcome.changed};
  } catch (const Error&) {
    if (models.changed) work_.api.remove(kVolumeClaims, volume);
    throw;
  }
}

Outcome<ServedVolume> ClusterServers::start(const std::string& name) const {
  const auto outcome = started(work_, deployed(deployment_of(name)));
  return {looked_up(outcome.object), outcome.changed};
}

Outcome<ServedVolume> ClusterServers::stop(const std::string& name) const {
  const auto outcome = stopped(work_, deployed(deployment_of(name)));
  return {looked_up(outcome.object), outcome.changed};
}

void ClusterServers::remove(const std::string& name) const {
  const ApiObject there = deployment_of(name);
  if (work_.options.dry_run) return;
  removed(work_, deployed(there));
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
  const std::string node = node_address(work_);
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
                      .state = state_of_deployment(deployment),
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
  return served(deployment, service ? &*service : nullptr, on_node ? node_address(work_) : "");
}

}  // namespace scrim
