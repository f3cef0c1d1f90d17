#include "cluster/workspaces.h"

#include "base/base64.h"
#include "base/check.h"
#include "cluster/claims.h"
#include "cluster/objects.h"
#include "cluster/snapshots.h"
#include "cluster/workspace_objects.h"
#include "dataops/jupyter.h"
#include "dataops/workspace_plan.h"

#include <algorithm>

namespace scrim {
namespace {

Workspace shown(const Reached& one) {
  const ApiObject service = one.service.value_or(ApiObject::object());
  return {.name = workspace_of(one.deployment),
          .volume = own_claim_of(one.deployment),
          .state = state_of_deployment(one.deployment),
          .url = one.service ? url_of_workspace(one.deployment, service, one.node) : "",
          .mounts = plan_of_workspace(one.deployment, service).mounts,
          .created = text_at(one.deployment, "metadata.creationTimestamp")};
}

}  // namespace

Outcome<Workspace> ClusterWorkspaces::create(const WorkspacePlan& plan) const {
  check_workspace(plan);
  for (const Mount& mount : plan.mounts) claim_of(work_, mount.volume);
  return begin(plan, create_volume(work_, workspace_volume(plan.name), plan.size, {}));
}

Outcome<Workspace> ClusterWorkspaces::clone(const WorkspacePlan& changes,
                                            const Origin& origin) const {
  const WorkspacePlan plan = with_changes(plan_behind(origin), changes);
  check_workspace(plan);
  for (const Mount& mount : plan.mounts) claim_of(work_, mount.volume);
  const auto size = plan.size == 0 ? std::nullopt : std::optional(plan.size);
  return begin(plan, clone_volume(work_, workspace_volume(plan.name), origin, size, {}));
}

Outcome<Workspace> ClusterWorkspaces::start(const std::string& name) const {
  const auto outcome = started(work_, deployed_workspace(deployment_of(name)));
  return {looked_up(outcome.object), outcome.changed};
}

Outcome<Workspace> ClusterWorkspaces::stop(const std::string& name) const {
  const auto outcome = stopped(work_, deployed_workspace(deployment_of(name)));
  return {looked_up(outcome.object), outcome.changed};
}

Workspace ClusterWorkspaces::find(const std::string& name) const {
  return looked_up(deployment_of(name));
}

std::vector<Workspace> ClusterWorkspaces::all() const {
  std::vector<Workspace> workspaces;
  for (const Reached& one : all_reached(work_, deployments())) workspaces.push_back(shown(one));
  std::ranges::sort(workspaces, {}, &Workspace::name);
  return workspaces;
}

std::string ClusterWorkspaces::volume_of(const std::string& name) const {
  if (const auto deployment = find_deployment(name)) return own_claim_of(*deployment);
  for (const std::string& left : {workspace_object_name(name), toolkit_workspace_name(name)}) {
    if (work_.api.find(kVolumeClaims, left) || work_.api.find(kServices, left)) return left;
  }
  return own_claim_of(deployment_of(name));  // says that there is none
}

void ClusterWorkspaces::remove(const std::string& name) const {
  const auto there = find_deployment(name);
  ApiObject all = {{"metadata", {{"name", workspace_object_name(name)}}}};
  if (there) all = *there;
  work_.step("delete the secret");
  work_.api.remove(kSecrets, name_of(all));
  removed(work_, there ? deployed_workspace(all) : Deployed{all, "workspace '" + name + "'", {}});
}

void ClusterWorkspaces::rest(const std::string& name) const {
  if (const auto there = find_deployment(name)) stopped(work_, deployed_workspace(*there));
}

std::vector<std::string> ClusterWorkspaces::over(const std::string& volume) const {
  std::vector<std::string> names;
  for (const ApiObject& deployment : deployments()) {
    if (has_claim(deployment, volume)) names.push_back(workspace_of(deployment));
  }
  return names;
}

std::string ClusterWorkspaces::owner_of(const std::string& volume) const {
  for (const ApiObject& deployment : deployments()) {
    if (own_claim_of(deployment) == volume) return workspace_of(deployment);
  }
  return "";
}

Labels ClusterWorkspaces::notes_for_snapshot(const std::string& volume) const {
  const auto name = workspace_of_volume(volume);
  if (!name) return {};
  const auto deployment =
      allowed_or({}, [&] { return work_.api.find(kDeployments, workspace_object_name(*name)); });
  const std::string noted = deployment ? note_of(*deployment, kPlanNote) : "";
  return noted.empty() ? Labels{} : Labels{{kPlanNote, noted}};
}

std::optional<ApiObject> ClusterWorkspaces::find_deployment(const std::string& name) const {
  WorkspacePlan named;
  named.name = name;
  check_workspace(named);
  if (auto own = work_.api.find(kDeployments, workspace_object_name(name))) return own;
  return work_.api.find(kDeployments, toolkit_workspace_name(name));
}

ApiObject ClusterWorkspaces::deployment_of(const std::string& name) const {
  if (auto found = find_deployment(name)) return std::move(*found);
  work_.check_space();
  fail(ErrorCode::kNotFound, "there is no workspace '", name, "'");
}

std::vector<ApiObject> ClusterWorkspaces::deployments() const {
  std::vector<ApiObject> found = work_.api.list(kDeployments);
  std::erase_if(found, [](const ApiObject& one) { return workspace_of(one).empty(); });
  return found;
}

// Of the workspace whose volume that is, or was.
WorkspacePlan ClusterWorkspaces::plan_behind(const Origin& origin) const {
  std::string volume = origin.name;
  if (origin.kind == ObjectKind::kSnapshot) {
    const ApiObject snapshot = snapshot_object(work_, origin.name);
    const std::string noted = note_of(snapshot, kPlanNote);
    if (!noted.empty()) return plan_of_workspace(snapshot, ApiObject::object());
    volume = snapshot_of(snapshot).volume;
  }
  const std::string owner = owner_of(volume);
  check(!owner.empty(), "volume '", volume, "' is of no workspace");
  const ApiObject deployment = deployment_of(owner);
  const auto service = work_.api.find(kServices, name_of(deployment));
  return plan_of_workspace(deployment, service.value_or(ApiObject::object()));
}

// With a volume that has just been made, or was there.
Outcome<Workspace> ClusterWorkspaces::begin(const WorkspacePlan& plan,
                                            const Outcome<Volume>& own) const {
  const std::string object = workspace_object_name(plan.name);
  const std::string node = node_address(work_);
  std::vector<std::string> names = {object, object + "." + work_.api.space() + ".svc", "localhost"};
  if (!node.empty()) names.push_back(node);
  std::optional<ApiObject> secret;
  try {
    work_.step("make the secret");
    // One that is there keeps its token and its certificate.
    secret = work_.api.create(kSecrets, secret_for_workspace(plan, names));
    if (!secret) check_password(plan);
    const auto outcome = made(work_, deployed_workspace(deployment_for_workspace(plan)),
                              service_for_workspace(plan));
    return {looked_up(outcome.object), outcome.changed};
  } catch (const Error&) {
    if (secret) work_.api.remove(kSecrets, object);
    if (own.changed) work_.api.remove(kVolumeClaims, own.object.name);
    throw;
  }
}

// Of a workspace that is there.
void ClusterWorkspaces::check_password(const WorkspacePlan& plan) const {
  if (plan.password.empty()) return;
  const std::string settings = settings_of(workspace_object_name(plan.name));
  check(settings.empty() || opens(settings, plan.password), "there is a workspace '", plan.name,
        "' already, which another password or a token opens");
}

// Of JupyterLab, for who may read secrets; else empty.
std::string ClusterWorkspaces::settings_of(const std::string& object) const {
  const auto secret = allowed_or({}, [&] { return work_.api.find(kSecrets, object); });
  const ApiObject data = secret ? secret->value("data", ApiObject::object()) : ApiObject::object();
  const std::string text = data.value(kWorkspaceSettings, "");
  return text.empty() ? "" : from_base64(text, "the settings of a workspace");
}

Workspace ClusterWorkspaces::looked_up(const ApiObject& deployment) const {
  Workspace workspace = shown(reached(work_, deployment));
  // Who may not read secrets has been told the token by somebody who may.
  const std::string settings = settings_of(name_of(deployment));
  if (settings.empty() || workspace.url.empty()) return workspace;
  const std::string token = token_in(settings);
  if (!token.empty()) workspace.url += "?token=" + token;
  return workspace;
}

}  // namespace scrim
