#include "kube/kubeconfig.h"

#include "base/base64.h"
#include "base/check.h"
#include "base/files.h"

#include <yaml-cpp/yaml.h>

#include <cstdlib>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{16} << 20;

struct File {
  fs::path path;
  YAML::Node root;
};

// One entry of clusters, users or contexts, and the file that it is in.
struct Entry {
  std::string what;  // "user 'ann' of 'FILE'"
  fs::path folder;
  YAML::Node node;
};

std::string text(const Entry& entry, const char* key) {
  const YAML::Node value = entry.node[key];
  if (!value || value.IsNull()) return "";
  if (!value.IsScalar()) fail(ErrorCode::kCorrupt, entry.what, ": '", key, "' is not a text");
  return value.Scalar();
}

bool flag(const Entry& entry, const char* key, bool otherwise) {
  const std::string value = text(entry, key);
  if (value.empty()) return otherwise;
  if (value != "true" && value != "false") {
    fail(ErrorCode::kCorrupt, entry.what, ": '", key, "' is neither true nor false");
  }
  return value == "true";
}

std::vector<std::string> texts(const Entry& entry, const char* key) {
  const YAML::Node list = entry.node[key];
  if (!list || list.IsNull()) return {};
  std::vector<std::string> result;
  for (const YAML::Node& one : list) {
    if (one.IsScalar()) result.push_back(one.Scalar());
  }
  if (!list.IsSequence() || result.size() != list.size()) {
    fail(ErrorCode::kCorrupt, entry.what, ": '", key, "' is not a list of texts");
  }
  return result;
}

// "KEY-data" as base64, or else the file that KEY names.
std::string contents(const Entry& entry, const std::string& key) {
  const std::string data = text(entry, (key + "-data").c_str());
  if (!data.empty()) return from_base64(data, entry.what + ": '" + key + "-data'");
  const std::string path = text(entry, key.c_str());
  if (path.empty()) return "";
  try {
    return read_file(entry.folder / path, kMostBytes);
  } catch (const Error& error) {
    fail(error.code(), entry.what, ": '", key, "': ", error.what());
  }
}

YAML::Node parse(const fs::path& path) {
  const auto corrupt = [&](const auto&... why) {
    fail(ErrorCode::kCorrupt, "'", path.string(), "' is not a kubeconfig: ", why...);
  };
  YAML::Node root;
  try {
    root = YAML::Load(read_file(path, kMostBytes));
  } catch (const YAML::Exception& error) {
    corrupt("line ", error.mark.line + 1, " is not YAML");
  }
  if (!root || root.IsNull()) return YAML::Node(YAML::NodeType::Map);
  if (!root.IsMap()) corrupt("it holds no map");
  for (const char* list : {"clusters", "users", "contexts"}) {
    const YAML::Node value = root[list];
    if (value && !value.IsNull() && !value.IsSequence()) corrupt("'", list, "' is not a list");
  }
  return root;
}

std::vector<File> read_files(const std::vector<fs::path>& paths) {
  std::vector<File> files;
  std::string shown;
  for (const fs::path& path : paths) {
    shown += (shown.empty() ? "'" : ", '") + path.string() + "'";
    std::error_code ignored;
    if (fs::exists(path, ignored)) files.push_back({path, parse(path)});
  }
  if (files.empty()) fail(ErrorCode::kNotFound, "there is no kubeconfig: no ", shown);
  return files;
}

std::string current_context(const std::vector<File>& files) {
  for (const File& file : files) {
    std::string name = text({"'" + file.path.string() + "'", {}, file.root}, "current-context");
    if (!name.empty()) return name;
  }
  fail(ErrorCode::kNotFound, "the kubeconfig has no current context: name one");
}

// The first entry of that name, as `kind` ("user") of `list` ("users").
Entry find(const std::vector<File>& files, const std::string& kind, const std::string& name) {
  std::string others;
  for (const File& file : files) {
    for (const YAML::Node& one : file.root[kind + "s"]) {
      if (!one.IsMap() || !one["name"] || !one["name"].IsScalar()) continue;
      const std::string& found = one["name"].Scalar();
      const std::string what = sentence(kind, " '", found, "' of '", file.path.string(), "'");
      if (found != name) {
        others += sentence(others.empty() ? "'" : ", '", found, "'");
      } else if (!one[kind] || !one[kind].IsMap()) {
        fail(ErrorCode::kCorrupt, what, " says nothing");
      } else {
        return {what, file.path.parent_path(), one[kind]};
      }
    }
  }
  fail(ErrorCode::kNotFound, "the kubeconfig has no ", kind, " '", name, "'",
       others.empty() ? "" : "; there are " + others);
}

std::string program(const Entry& plugin) {
  const std::string command = text(plugin, "command");
  if (command.empty()) fail(ErrorCode::kCorrupt, plugin.what, ": 'exec' names no command");
  const bool relative = command.find('/') != std::string::npos && command.front() != '/';
  return relative ? (plugin.folder / command).string() : command;
}

std::map<std::string, std::string> environment(const Entry& plugin) {
  std::map<std::string, std::string> result;
  const YAML::Node list = plugin.node["env"];
  if (!list || list.IsNull()) return result;
  for (const YAML::Node& one : list) {
    const Entry variable{plugin.what + ": 'env'", {}, one};
    if (!one.IsMap()) fail(ErrorCode::kCorrupt, variable.what, " is not a list of maps");
    result[text(variable, "name")] = text(variable, "value");
  }
  return result;
}

CredentialPlugin credential_plugin(const Entry& plugin) {
  const std::string version = text(plugin, "apiVersion");
  constexpr const char* kGroup = "client.authentication.k8s.io/";
  if (version != std::string(kGroup) + "v1" && version != std::string(kGroup) + "v1beta1") {
    fail(ErrorCode::kUnsupported, plugin.what, ": 'exec' has apiVersion '", version, "', not ",
         kGroup, "v1 or v1beta1");
  }
  const std::string mode = text(plugin, "interactiveMode");
  if (!mode.empty() && mode != "Never" && mode != "IfAvailable" && mode != "Always") {
    fail(ErrorCode::kCorrupt, plugin.what, ": interactiveMode '", mode,
         "' is not Never, IfAvailable or Always");
  }
  return {.api_version = version,
          .command = program(plugin),
          .arguments = texts(plugin, "args"),
          .environment = environment(plugin),
          .install_hint = text(plugin, "installHint"),
          .wants_cluster = flag(plugin, "provideClusterInfo", false),
          .may_ask = mode != "Never",
          .must_ask = mode == "Always"};
}

ClusterUser read_user(const Entry& entry) {
  if (entry.node["auth-provider"]) {
    fail(ErrorCode::kUnsupported, entry.what, " has an auth-provider '",
         text({entry.what, {}, entry.node["auth-provider"]}, "name"),
         "', which clusters no longer take: use the provider's exec plugin "
         "(gke-gcloud-auth-plugin, kubelogin, aws eks get-token)");
  }
  ClusterUser user;
  user.certificate = contents(entry, "client-certificate");
  user.key = contents(entry, "client-key");
  if (user.certificate.empty() != user.key.empty()) {
    fail(ErrorCode::kCorrupt, entry.what, " has one of client-certificate and client-key");
  }
  user.token = text(entry, "token");
  const std::string file = text(entry, "tokenFile");
  if (!file.empty()) user.token_file = entry.folder / file;
  user.name = text(entry, "username");
  user.password = text(entry, "password");
  user.acts_as = text(entry, "as");
  user.acts_as_uid = text(entry, "as-uid");
  user.acts_as_groups = texts(entry, "as-groups");
  if (const YAML::Node plugin = entry.node["exec"]; plugin && plugin.IsMap()) {
    user.plugin = credential_plugin({entry.what, entry.folder, plugin});
  }
  return user;
}

void read_cluster(const Entry& entry, ClusterAccess& access) {
  access.server = text(entry, "server");
  if (!access.server.starts_with("https://") && !access.server.starts_with("http://")) {
    fail(ErrorCode::kCorrupt, entry.what, ": server '", access.server, "' is no http or https URL");
  }
  access.server.erase(access.server.find_last_not_of('/') + 1);
  access.authorities = contents(entry, "certificate-authority");
  access.server_name = text(entry, "tls-server-name");
  access.proxy = text(entry, "proxy-url");
  access.verified = !flag(entry, "insecure-skip-tls-verify", false);
  if (!access.verified && !access.authorities.empty()) {
    fail(ErrorCode::kCorrupt, entry.what,
         " has both a certificate-authority and insecure-skip-tls-verify");
  }
}

}  // namespace

std::vector<fs::path> kubeconfig_files() {
  std::vector<fs::path> files;
  const char* listed = std::getenv("KUBECONFIG");
  std::string_view rest = listed == nullptr ? "" : listed;
  while (!rest.empty()) {
    const std::string_view one = rest.substr(0, rest.find(':'));
    if (!one.empty()) files.emplace_back(one);
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
  }
  const char* home = std::getenv("HOME");
  if (files.empty() && home != nullptr) files.push_back(fs::path(home) / ".kube/config");
  return files;
}

ClusterAccess read_kubeconfig(const std::vector<fs::path>& paths, const std::string& context) {
  const std::vector<File> files = read_files(paths);
  ClusterAccess access;
  access.context = context.empty() ? current_context(files) : context;
  const Entry found = find(files, "context", access.context);
  read_cluster(find(files, "cluster", text(found, "cluster")), access);
  if (const std::string user = text(found, "user"); !user.empty()) {
    access.user = read_user(find(files, "user", user));
  }
  if (const std::string space = text(found, "namespace"); !space.empty()) access.space = space;
  return access;
}

std::vector<std::string> open_kubeconfigs(const std::vector<fs::path>& files) {
  std::vector<std::string> sentences;
  for (const fs::path& file : files) {
    std::error_code missing;
    const fs::perms allowed = fs::status(file, missing).permissions();
    constexpr fs::perms kOthers = fs::perms::group_read | fs::perms::others_read;
    if (!missing && allowed != fs::perms::unknown && (allowed & kOthers) != fs::perms::none) {
      sentences.push_back("others on this machine may read '" + file.string() +
                          "', which may hold secrets: chmod 600 it");
    }
  }
  return sentences;
}

}  // namespace scrim
