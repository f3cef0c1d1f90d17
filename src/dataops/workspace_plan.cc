#include "dataops/workspace_plan.h"

#include "base/check.h"
#include "base/text.h"
#include "dataops/names.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace scrim {
namespace {

constexpr std::string_view kVolumePrefix = "workspace-";
constexpr std::size_t kMostOfWorkspaceName = 53;  // a label, behind "workspace-"

bool is_variable(std::string_view name) {
  const auto is_letter = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0 &&
         std::ranges::all_of(name, is_letter);
}

void check_mounts(const std::vector<Mount>& mounts) {
  std::set<std::string> names;
  constexpr std::size_t kMostOfPath = 255;
  for (const Mount& mount : mounts) {
    check_name("volume", mount.volume);
    check_text("the path of a mount", mount.path);
    check(mount_name(mount).size() <= kMostOfPath, "a mount is called by ",
          mount_name(mount).size(), " characters, at most ", kMostOfPath, " are allowed");
    const bool is_path = mount.path.starts_with('/') && !mount_name(mount).empty() &&
                         mount.path.find("/.") == std::string::npos;
    check(is_path, "volume '", mount.volume, "' is mounted at '", mount.path,
          "', which is no whole path as /home/jovyan/data");
    check(names.insert(mount_name(mount)).second, "two volumes are mounted as '", mount_name(mount),
          "'");
  }
}

}  // namespace

void check_workspace(const WorkspacePlan& plan) {
  check_name("workspace", plan.name);
  check(plan.name.find('.') == std::string::npos, "workspace name '", plan.name, "' holds a dot");
  check(plan.name.size() <= kMostOfWorkspaceName, "workspace name '", plan.name, "' has ",
        plan.name.size(), " characters, at most ", kMostOfWorkspaceName, " are allowed");
  check_mounts(plan.mounts);
  for (const auto& [variable, value] : plan.environment) {
    check(is_variable(variable), "'", variable,
          "' is no name of a variable: letters, digits and '_'");
    check_text("variable '" + variable + "'", value);
  }
  check_resources(plan.resources);
  check_service(plan.service);
  for (const std::string& word : plan.command) check_text("a word of the program", word);
  check(plan.folder.empty() || plan.folder.starts_with('/'), "the folder of workspace '", plan.name,
        "' is '", plan.folder, "', which is no whole path");
  check(plan.password.empty() || plan.command.empty(),
        "a password is of JupyterLab, and workspace '", plan.name, "' runs another program");
  check(plan.tls || plan.tls_secret.empty(), "workspace '", plan.name,
        "' has a certificate and shall not use it");
}

std::string workspace_volume(const std::string& workspace) {
  return std::string(kVolumePrefix) + workspace;
}

std::optional<std::string> workspace_of_volume(const std::string& volume) {
  if (!volume.starts_with(kVolumePrefix)) return std::nullopt;
  return volume.substr(kVolumePrefix.size());
}

SortedJson plan_json(const WorkspacePlan& plan) {
  SortedJson mounts = SortedJson::array();
  for (const Mount& one : plan.mounts)
    mounts.push_back({{"volume", one.volume}, {"path", one.path}});
  return {
      {"mounts", std::move(mounts)}, {"command", plan.command}, {"environment", plan.environment},
      {"image", plan.image},         {"folder", plan.folder},   {"service", plan.service},
      {"resources", plan.resources}, {"tls", plan.tls},         {"tls_secret", plan.tls_secret}};
}

WorkspacePlan plan_from(const SortedJson& json) {
  WorkspacePlan plan;
  for (const SortedJson& one : json.at("mounts")) {
    plan.mounts.push_back({one.at("volume").get<std::string>(), one.at("path").get<std::string>()});
  }
  plan.command = json.at("command").get<std::vector<std::string>>();
  plan.environment = json.at("environment").get<Labels>();
  plan.image = json.at("image").get<std::string>();
  plan.folder = json.at("folder").get<std::string>();
  plan.service = json.at("service").get<std::string>();
  plan.resources = json.at("resources").get<Labels>();
  plan.tls = json.at("tls").get<bool>();
  plan.tls_secret = json.at("tls_secret").get<std::string>();
  return plan;
}

WorkspacePlan with_changes(WorkspacePlan base, const WorkspacePlan& changes) {
  const auto take = [](auto& own, const auto& given) {
    if (!given.empty()) own = given;
  };
  take(base.mounts, changes.mounts);
  take(base.command, changes.command);
  take(base.image, changes.image);
  take(base.folder, changes.folder);
  take(base.tls_secret, changes.tls_secret);
  for (const auto& [variable, value] : changes.environment) base.environment[variable] = value;
  for (const auto& [resource, amount] : changes.resources) base.resources[resource] = amount;
  if (changes.service != WorkspacePlan().service) base.service = changes.service;
  base.tls = base.tls && changes.tls;
  base.name = changes.name;
  base.size = changes.size;
  base.http_port = changes.http_port;
  base.password = changes.password;
  return base;
}

std::string mount_name(const Mount& mount) {
  const std::size_t end = mount.path.find_last_not_of('/');
  const std::string path = mount.path.substr(0, end == std::string::npos ? 0 : end + 1);
  return path.substr(path.rfind('/') + 1);
}

std::vector<std::string> placed(std::vector<std::string> words, std::string_view port,
                                std::string_view folder) {
  for (std::string& word : words) {
    word = replaced(replaced(std::move(word), "{port}", port), "{folder}", folder);
  }
  return words;
}

}  // namespace scrim
