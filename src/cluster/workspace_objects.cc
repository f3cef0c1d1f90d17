#include "cluster/workspace_objects.h"

#include "base/base64.h"
#include "base/check.h"
#include "cluster/objects.h"
#include "cluster/pod_parts.h"
#include "cluster/self_signed.h"
#include "dataops/jupyter.h"
#include "dataops/workspace_plan.h"

#include <array>

namespace scrim {
namespace {

constexpr const char* kJupyterImage = "quay.io/jupyter/pytorch-notebook:lab-4.4.9";
constexpr const char* kHome = "/home/jovyan";
constexpr const char* kSettingsFolder = "/etc/scrim-workspace";
constexpr const char* kCertificateFolder = "/etc/scrim-certificate";
constexpr int kWorkspacePort = 8888;
constexpr int kUsersGroup = 100;  // of Jupyter's images: the volume is theirs
constexpr int kSecondsOfProbe = 5;
constexpr int kStartFailures = 600;  // one a second: ten minutes
constexpr int kFailuresLater = 3;

bool shows_jupyter(const WorkspacePlan& plan) { return plan.command.empty(); }
bool has_tls(const WorkspacePlan& plan) { return plan.tls && shows_jupyter(plan); }

std::string home_of(const WorkspacePlan& plan) { return plan.folder.empty() ? kHome : plan.folder; }

ApiObject metadata_of(const WorkspacePlan& plan) {
  return {{"name", workspace_object_name(plan.name)}, {"labels", {{kWorkspaceLabel, plan.name}}}};
}

ApiObject probe_of(const WorkspacePlan& plan, int seconds, int failures) {
  ApiObject probe = {{"periodSeconds", seconds}, {"failureThreshold", failures}};
  if (shows_jupyter(plan)) {
    probe["httpGet"] = {
        {"path", "/api"}, {"port", "http"}, {"scheme", has_tls(plan) ? "HTTPS" : "HTTP"}};
  } else {
    probe["tcpSocket"] = {{"port", "http"}};
  }
  return probe;
}

ApiObject mounted_claim(const std::string& name, const std::string& claim) {
  return {{"name", name}, {"persistentVolumeClaim", {{"claimName", claim}}}};
}

ApiObject mounted_secret(const char* name, const std::string& secret) {
  return {{"name", name}, {"secret", {{"secretName", secret}}}};
}

std::string name_of_mount(std::size_t index) { return "data-" + std::to_string(index); }

struct PodVolumes {
  ApiObject volumes = ApiObject::array(), mounts = ApiObject::array();

  void add(ApiObject volume, const std::string& path, bool read_only = false) {
    ApiObject mount = {{"name", volume.at("name")}, {"mountPath", path}};
    if (read_only) mount["readOnly"] = true;
    volumes.push_back(std::move(volume));
    mounts.push_back(std::move(mount));
  }
};

PodVolumes volumes_of(const WorkspacePlan& plan) {
  PodVolumes all;
  const std::string own = workspace_object_name(plan.name);
  all.add(mounted_claim("workspace", workspace_volume(plan.name)), home_of(plan));
  for (std::size_t i = 0; i < plan.mounts.size(); ++i) {
    all.add(mounted_claim(name_of_mount(i), plan.mounts[i].volume), plan.mounts[i].path);
  }
  if (shows_jupyter(plan)) all.add(mounted_secret("settings", own), kSettingsFolder, true);
  if (has_tls(plan)) {
    const std::string& secret = plan.tls_secret.empty() ? own : plan.tls_secret;
    all.add(mounted_secret("certificate", secret), kCertificateFolder, true);
  }
  all.volumes.push_back(shared_memory());
  all.mounts.push_back(shared_memory_mount());
  return all;
}

ApiObject container_for(const WorkspacePlan& plan, ApiObject mounts) {
  const std::string settings = std::string(kSettingsFolder) + "/" + kWorkspaceSettings;
  const auto words = shows_jupyter(plan) ? jupyter_command(settings) : plan.command;
  ApiObject environment = ApiObject::array();
  for (const auto& [name, value] : plan.environment) {
    environment.push_back({{"name", name}, {"value", value}});
  }
  ApiObject container = {{"name", "workspace"},
                         {"image", plan.image.empty() ? kJupyterImage : plan.image},
                         {"command", placed(words, std::to_string(kWorkspacePort), home_of(plan))},
                         {"workingDir", home_of(plan)},
                         {"env", std::move(environment)},
                         {"ports", {{{"name", "http"}, {"containerPort", kWorkspacePort}}}},
                         {"startupProbe", probe_of(plan, 1, kStartFailures)},
                         {"readinessProbe", probe_of(plan, kSecondsOfProbe, kFailuresLater)},
                         {"terminationMessagePolicy", kLastWords},
                         {"securityContext", {{"allowPrivilegeEscalation", false}}},
                         {"volumeMounts", std::move(mounts)}};
  add_resources(plan.resources, container);
  return container;
}

std::string noted_plan(const WorkspacePlan& plan) { return plan_json(plan).dump(); }

// Of a deployment that has no note, as of the toolkit: what its pod's template says.
WorkspacePlan plan_in_parts(const ApiObject& deployment) {
  WorkspacePlan plan;
  const ApiObject pod = deployment.value("/spec/template/spec"_json_pointer, ApiObject::object());
  const ApiObject container = pod.value("/containers/0"_json_pointer, ApiObject::object());
  plan.image = text_at(container, "image");
  for (const ApiObject& variable : container.value("env", ApiObject::array())) {
    const std::string value = text_at(variable, "value");
    if (!value.empty()) plan.environment[text_at(variable, "name")] = value;
  }
  const ApiObject limits = container.value("/resources/limits"_json_pointer, ApiObject::object());
  for (const auto& [resource, amount] : limits.items()) {
    plan.resources[resource] = amount.is_string() ? amount.get<std::string>() : amount.dump();
  }
  for (const ApiObject& mount : container.value("volumeMounts", ApiObject::array())) {
    const std::string claim = claim_in(deployment, text_at(mount, "name"));
    if (claim.empty()) continue;
    if (claim == own_claim_of(deployment)) {
      plan.folder = text_at(mount, "mountPath");
    } else {
      plan.mounts.push_back({claim, text_at(mount, "mountPath")});
    }
  }
  return plan;
}

}  // namespace

std::string workspace_object_name(const std::string& workspace) {
  return workspace_volume(workspace);
}

std::string toolkit_workspace_name(const std::string& workspace) {
  return "ntap-dsutil-jupyterlab-" + workspace;
}

ApiObject secret_for_workspace(const WorkspacePlan& plan, const std::vector<std::string>& names) {
  ApiObject data = ApiObject::object();
  if (shows_jupyter(plan)) {
    JupyterPlace place{.address = "0.0.0.0",
                       .port = kWorkspacePort,
                       .folder = home_of(plan),
                       .certificate = {},
                       .key = {},
                       .as_root = true};  // it is alone in its container
    if (has_tls(plan)) {
      place.certificate = std::string(kCertificateFolder) + "/tls.crt";
      place.key = std::string(kCertificateFolder) + "/tls.key";
    }
    data[kWorkspaceSettings] = to_base64(jupyter_settings(place, plan.password));
  }
  if (has_tls(plan) && plan.tls_secret.empty()) {
    const SelfSigned pair = self_signed(names);
    data["tls.crt"] = to_base64(pair.certificate);
    data["tls.key"] = to_base64(pair.key);
  }
  return {{"metadata", metadata_of(plan)}, {"type", "Opaque"}, {"data", std::move(data)}};
}

ApiObject deployment_for_workspace(const WorkspacePlan& plan) {
  PodVolumes all = volumes_of(plan);
  ApiObject deployment = {{"metadata", metadata_of(plan)}};
  deployment["metadata"]["annotations"][kPlanNote] = noted_plan(plan);
  deployment["spec"] = {
      {"replicas", 1},
      {"strategy", {{"type", "Recreate"}}},  // a second pod may not get the volume
      {"selector", {{"matchLabels", {{kWorkspaceLabel, plan.name}}}}},
      {"template",
       {{"metadata", {{"labels", {{kWorkspaceLabel, plan.name}}}}},
        {"spec",
         {{"automountServiceAccountToken", false},
          {"shareProcessNamespace", true},  // see pod_parts.h
          {"securityContext",
           {{"fsGroup", kUsersGroup}, {"fsGroupChangePolicy", "OnRootMismatch"}}},
          {"containers", {container_for(plan, std::move(all.mounts))}},
          {"volumes", std::move(all.volumes)}}}}}};
  return deployment;
}

ApiObject service_for_workspace(const WorkspacePlan& plan) {
  constexpr int kHttps = 443, kHttp = 80;
  const bool balanced = plan.service == "LoadBalancer";
  const int port = !balanced ? kWorkspacePort : has_tls(plan) ? kHttps : kHttp;
  return {{"metadata", metadata_of(plan)},
          {"spec",
           {{"type", plan.service},
            {"selector", {{kWorkspaceLabel, plan.name}}},
            {"ports", {{{"name", "http"}, {"port", port}, {"targetPort", "http"}}}}}}};
}

std::string workspace_of(const ApiObject& deployment) {
  const std::string own = label_of(deployment, kWorkspaceLabel);
  return own.empty() ? label_of(deployment, kToolkitWorkspaceLabel) : own;
}

std::string own_claim_of(const ApiObject& deployment) { return claim_in(deployment, "workspace"); }

WorkspacePlan plan_of_workspace(const ApiObject& deployment, const ApiObject& service) {
  const std::string noted = note_of(deployment, kPlanNote);
  if (noted.empty()) {
    WorkspacePlan plan = plan_in_parts(deployment);
    const std::string type = text_at(service, "spec.type");
    if (!type.empty()) plan.service = type;
    return plan;
  }
  try {
    return plan_from(parse_sorted_json(noted, "the note of a workspace"));
  } catch (const ApiObject::exception&) {
    fail(ErrorCode::kCorrupt, "the note of workspace '", workspace_of(deployment), "' is damaged");
  }
}

Deployed deployed_workspace(const ApiObject& deployment) {
  const bool own = !label_of(deployment, kWorkspaceLabel).empty();
  const std::string name = workspace_of(deployment);
  const std::string label = own ? kWorkspaceLabel : kToolkitWorkspaceLabel;
  return {deployment, "workspace '" + name + "'", {.labels = label + "=" + name, .fields = {}}};
}

std::string url_of_workspace(const ApiObject& deployment, const ApiObject& service,
                             const std::string& node) {
  const WorkspacePlan plan = plan_of_workspace(deployment, service);
  // The toolkit names its port after what it speaks.
  const std::string secure = address_of(service, "https", node);
  const std::string address = secure.empty() ? address_of(service, "http", node) : secure;
  if (address.empty()) return "";
  const bool own = !note_of(deployment, kPlanNote).empty();
  const bool tls = own ? has_tls(plan) : !secure.empty();
  return (tls ? "https://" : "http://") + address + (shows_jupyter(plan) ? "/lab" : "/");
}

}  // namespace scrim
