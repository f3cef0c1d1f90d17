#include "cluster/servers.h"

#include "base/check.h"
#include "cluster/claims.h"
#include "cluster/deployments.h"
#include "cluster/objects.h"
#include "cluster/server_objects.h"
#include "cluster/snapshots.h"
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

ServedVolume served(const Reached& one) {
  ServedVolume server{.name = server_of(one.deployment),
                      .volume = served_volume_of(one.deployment),
                      .state = state_of_deployment(one.deployment),
                      .created = text_at(one.deployment, "metadata.creationTimestamp")};
  if (!one.service) return server;
  server.http = address_of(*one.service, "http", one.node);
  server.grpc = address_of(*one.service, "grpc", one.node);
  server.metrics = address_of(*one.service, "metrics", one.node);
  return server;
}

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
  const std::string volume = volume_of_server(name);
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

// The deployment over that volume. While its pods need nothing that is scarce, the old ones go when
// the new ones are ready.
ApiObject ClusterServers::serve(const std::string& deployment, const std::string& volume) const {
  work_.step("change the models");
  return work_.api.change(kDeployments, deployment, [&](const ApiObject& there) -> ApiObject {
    ApiObject pod = {{"volumes", there.at("/spec/template/spec/volumes"_json_pointer)}};
    for (ApiObject& one : pod["volumes"]) {
      if (one.contains("persistentVolumeClaim")) one["persistentVolumeClaim"]["claimName"] = volume;
    }
    const bool is_scarce = there.at("spec").dump().find("/gpu\"") != std::string::npos;
    ApiObject strategy = {{"type", "Recreate"}, {"rollingUpdate", nullptr}};
    if (!is_scarce) {
      strategy = {{"type", "RollingUpdate"},
                  {"rollingUpdate", {{"maxUnavailable", 0}, {"maxSurge", 1}}}};
    }
    ApiObject patch = {{"spec", {{"strategy", strategy}, {"template", {{"spec", pod}}}}}};
    const std::string noted = note_of(there, kPlanNote);
    if (!noted.empty()) {
      ApiObject plan = parse_sorted_json(noted, "the note of a server");
      plan["volume"] = volume;
      patch["metadata"]["annotations"][kPlanNote] = plan.dump();
    }
    return patch;
  });
}

Outcome<ServedVolume> ClusterServers::update(const std::string& name, const Origin& models) const {
  const ApiObject there = deployment_of(name);
  const std::string before = served_volume_of(there), volume = volume_for_server(name, models);
  bool is_new = false;
  if (models.kind == ObjectKind::kSnapshot) {
    const auto own = clone_volume(work_, volume, models, {}, labels_of_models(name));
    const Snapshot taken = snapshot_of(snapshot_object(work_, models.name));
    check_models_of(models.name, taken.created, own.object.created);
    is_new = own.changed;
  } else {
    claim_of(work_, volume);
  }
  const bool changes = before != volume;
  const ApiObject changed = changes ? serve(name_of(there), volume) : there;
  if (!work_.waits()) return {looked_up(changed), changes};
  try {
    ready(work_, deployed(changed));
  } catch (const Error& error) {
    if (!changes) throw;
    const ApiObject again = serve(name_of(there), before);
    ready(ClusterWork(work_.api, work_.options), deployed(again));
    if (is_new) work_.api.remove(kVolumeClaims, volume);
    throw Error(error.code(), sentence(error.what(), "; it serves volume '", before, "' again"));
  }
  remove_clones(name, volume);
  return {find(name), changes};
}

void ClusterServers::remove_clones(const std::string& name, const std::string& but) const {
  const auto snapshots = allowed_or({}, [&] { return work_.api.list(kVolumeSnapshots); });
  for (const ApiObject& claim : work_.api.list(kVolumeClaims)) {
    const std::string volume = name_of(claim);
    const bool ours = std::ranges::includes(volume_of(claim).labels, labels_of_models(name));
    if (volume == but || !ours) continue;
    bool kept = std::ranges::any_of(snapshots, [&](const ApiObject& one) {
      return text_at(one, "spec.source.persistentVolumeClaimName") == volume;
    });
    for (const ApiObject& one : work_.api.list(kDeployments)) kept |= has_claim(one, volume);
    if (kept) continue;
    work_.step("delete the models of before");
    work_.api.remove(kVolumeClaims, volume, uid_of(claim));
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
  std::vector<ServedVolume> servers;
  for (const Reached& one : all_reached(work_, deployments())) servers.push_back(served(one));
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

ServedVolume ClusterServers::looked_up(const ApiObject& deployment) const {
  return served(reached(work_, deployment));
}

std::vector<ApiObject> ClusterServers::deployments() const {
  std::vector<ApiObject> found = work_.api.list(kDeployments);
  std::erase_if(found, [](const ApiObject& one) { return server_of(one).empty(); });
  return found;
}

}  // namespace scrim
