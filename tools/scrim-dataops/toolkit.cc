#include "toolkit.h"

#include "output.h"
#include "toolkit_s3.h"

#include <algorithm>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

namespace scrim::cli {
namespace {

// A flag: how the toolkit spells it, and what stands in its place. A place that ends with a space
// is followed by the value; "" is the value alone.
struct Flag {
  std::string_view brief, full, ours;
  std::string_view prefix = "";  // of the value
};

struct Translation {
  std::string_view verb, noun, ours;
  std::span<const Flag> flags;
  std::string_view meant = "";  // a flag that the toolkit has not, but always means
  std::string_view said = "";   // what it prints at the end; {name} is a field, and a line goes
                                // where the field is not there
};

constexpr Flag kCreateVolume[] = {
    {"-p", "--pvc-name", ""}, {"-s", "--size", "--size "}, {"-c", "--storage-class", "--class "}};
constexpr Flag kCloneVolume[] = {{"-p", "--new-pvc-name", ""},
                                 {"-v", "--source-pvc-name", "--from ", "volume/"},
                                 {"-s", "--source-snapshot-name", "--from ", "snapshot/"},
                                 {"-c", "--volume-snapshot-class", "--snapshot-class "}};
constexpr Flag kDeleteVolume[] = {{"-p", "--pvc-name", ""},
                                  {"-f", "--force", "--yes"},
                                  {"-s", "--preserve-snapshots", "--keep-snapshots"}};
constexpr Flag kCreateSnapshot[] = {{"-p", "--pvc-name", "--of "},
                                    {"-s", "--snapshot-name", ""},
                                    {"-c", "--volume-snapshot-class", "--snapshot-class "}};
constexpr Flag kOneSnapshot[] = {{"-s", "--snapshot-name", ""}, {"-f", "--force", "--yes"}};
constexpr Flag kListSnapshots[] = {{"-p", "--pvc-name", "--of "}};
constexpr Flag kCreateServer[] = {{"-s", "--server-name", ""},
                                  {"-v", "--model-repo-pvc-name", "--model-repository "},
                                  {"-i", "--image", "--image "},
                                  {"-g", "--nvidia-gpu", "--resource ", "nvidia.com/gpu="},
                                  {"-m", "--memory", "--resource ", "memory="},
                                  {"-p", "--cpu", "--resource ", "cpu="},
                                  {"-r", "--allocate-resource", "--resource "},
                                  {"-b", "--load-balancer", "--service=LoadBalancer"}};
constexpr Flag kOneServer[] = {{"-s", "--server-name", ""}, {"-f", "--force", "--yes"}};
constexpr Flag kCreateWorkspace[] = {{"-w", "--workspace-name", ""},
                                     {"-s", "--size", "--size "},
                                     {"-c", "--storage-class", "--class "},
                                     {"-i", "--image", "--image "},
                                     {"-g", "--nvidia-gpu", "--gpus "},
                                     {"-m", "--memory", "--resource ", "memory="},
                                     {"-p", "--cpu", "--resource ", "cpu="},
                                     {"-r", "--allocate-resource", "--resource "},
                                     {"-b", "--load-balancer", "--service=LoadBalancer"},
                                     {"-v", "--mount-pvc", "--mount "},
                                     {"", "--no-https", "--no-tls"}};
constexpr Flag kCloneWorkspace[] = {{"-w", "--new-workspace-name", ""},
                                    {"-j", "--source-workspace-name", "--from ", "workspace/"},
                                    {"-s", "--source-snapshot-name", "--from ", "snapshot/"},
                                    {"-c", "--volume-snapshot-class", "--snapshot-class "},
                                    {"-g", "--nvidia-gpu", "--gpus "},
                                    {"-m", "--memory", "--resource ", "memory="},
                                    {"-p", "--cpu", "--resource ", "cpu="},
                                    {"-r", "--allocate-resource", "--resource "},
                                    {"-b", "--load-balancer", "--service=LoadBalancer"},
                                    {"", "--no-https", "--no-tls"}};
constexpr Flag kDeleteWorkspace[] = {{"-w", "--workspace-name", ""},
                                     {"-f", "--force", "--yes"},
                                     {"-s", "--preserve-snapshots", "--keep-snapshots"}};
constexpr Flag kCreateWorkspaceSnapshot[] = {
    {"-w", "--workspace-name", "--of ", "workspace/"},
    {"-s", "--snapshot-name", ""},
    {"-c", "--volume-snapshot-class", "--snapshot-class "}};
constexpr Flag kListWorkspaceSnapshots[] = {{"-w", "--workspace-name", "--of ", "workspace/"}};
constexpr Flag kNamespace = {"-n", "--namespace", "--namespace "};

constexpr std::string_view kVolumeMade =
    "Volume successfully created and bound to PersistentVolumeClaim (PVC) '{name}' in namespace "
    "'{namespace}'.\n";
constexpr std::string_view kVolumeCloned =
    "Volume successfully created and bound to PersistentVolumeClaim (PVC) '{name}' in namespace "
    "'{namespace}'.\nVolume successfully cloned.\n";
constexpr std::string_view kVolumeGone = "PersistentVolumeClaim (PVC) successfully deleted.\n";
constexpr std::string_view kSnapshotMade = "Snapshot successfully created.\n";
constexpr std::string_view kSnapshotGone = "VolumeSnapshot successfully deleted.\n";
constexpr std::string_view kSnapshotRestored = "VolumeSnapshot successfully restored.\n";
constexpr std::string_view kServerMade =
    "Server successfully created.\nServer endpoints:\nhttp: {http}\ngrpc: {grpc}\n"
    "metrics: {metrics}\n";
constexpr std::string_view kServerGone = "Triton Server instance successfully deleted.\n";
constexpr std::string_view kWorkspaceMade =
    "Workspace successfully created.\nTo access workspace, navigate to {url}\n";
constexpr std::string_view kWorkspaceCloned =
    "Workspace successfully created.\nTo access workspace, navigate to {url}\n"
    "JupyterLab workspace successfully cloned.\n";
constexpr std::string_view kWorkspaceGone = "Workspace successfully deleted.\n";
constexpr std::string_view kWorkspaceRestored =
    "JupyterLab workspace snapshot successfully restored.\n";

constexpr Translation kTranslations[] = {
    {"create", "volume", "create volume", kCreateVolume, "--access-mode=ReadWriteMany",
     kVolumeMade},
    {"clone", "volume", "clone volume", kCloneVolume, "", kVolumeCloned},
    {"delete", "volume", "delete volume", kDeleteVolume, "", kVolumeGone},
    {"list", "volumes", "list volumes", {}},
    {"create", "volume-snapshot", "create snapshot", kCreateSnapshot, "", kSnapshotMade},
    {"delete", "volume-snapshot", "delete snapshot", kOneSnapshot, "", kSnapshotGone},
    {"restore", "volume-snapshot", "restore snapshot", kOneSnapshot, "", kSnapshotRestored},
    {"list", "volume-snapshots", "list snapshots", kListSnapshots},
    {"create", "jupyterlab", "create workspace", kCreateWorkspace, "", kWorkspaceMade},
    {"clone", "jupyterlab", "clone workspace", kCloneWorkspace, "", kWorkspaceCloned},
    {"delete", "jupyterlab", "delete workspace", kDeleteWorkspace, "", kWorkspaceGone},
    {"list", "jupyterlabs", "list workspaces", {}},
    {"create", "jupyterlab-snapshot", "create snapshot", kCreateWorkspaceSnapshot, "",
     kSnapshotMade},
    {"delete", "jupyterlab-snapshot", "delete snapshot", kOneSnapshot, "", kSnapshotGone},
    {"restore", "jupyterlab-snapshot", "restore snapshot", kOneSnapshot, "--stop",
     kWorkspaceRestored},
    {"list", "jupyterlab-snapshots", "list snapshots", kListWorkspaceSnapshots},
    {"create", "triton-server", "create server", kCreateServer, "", kServerMade},
    {"delete", "triton-server", "delete server", kOneServer, "", kServerGone},
    {"list", "triton-servers", "list servers", {}},
};

std::string_view verb_of(std::string_view word) {
  if (word == "del" || word == "rm") return "delete";
  return word == "ls" ? "list" : word;
}

std::string_view noun_of(std::string_view word) {
  for (const std::string_view known : {"vol", "pvc", "persistentvolumeclaim"}) {
    if (word == known) return "volume";
    if (word == std::string(known) + "s") return "volumes";
  }
  if (word == "triton") return "triton-server";
  if (word == "jupyter") return "jupyterlab";
  return word;
}

const Translation* translation_of(std::string_view first, std::string_view second) {
  const std::string_view verb = verb_of(first), noun = noun_of(second);
  const auto* known = std::ranges::find_if(
      kTranslations, [&](const Translation& one) { return one.verb == verb && one.noun == noun; });
  return known == std::end(kTranslations) ? nullptr : known;
}

const Flag* find(std::span<const Flag> flags, std::string_view name) {
  for (const Flag& flag : flags) {
    if (!name.empty() && (name == flag.brief || name == flag.full)) return &flag;
  }
  return name == kNamespace.brief || name == kNamespace.full ? &kNamespace : nullptr;
}

// Appends the words that stand for the flag at `at`, and moves on by those that it took.
void translate(const std::vector<std::string>& words, std::size_t& at, const Flag& flag,
               std::vector<std::string>& ours) {
  const std::string& word = words[at++];
  const bool takes_value = flag.ours.empty() || flag.ours.ends_with(' ');
  if (!takes_value) {
    ours.emplace_back(flag.ours);
    return;
  }
  const std::size_t equals = word.starts_with("--") ? word.find('=') : std::string::npos;
  if (!flag.ours.empty()) ours.emplace_back(flag.ours.substr(0, flag.ours.size() - 1));
  if (equals != std::string::npos) {
    ours.push_back(std::string(flag.prefix) + word.substr(equals + 1));
  } else if (at < words.size()) {
    ours.push_back(std::string(flag.prefix) + words[at++]);
  }
}

}  // namespace

std::vector<std::string> from_toolkit(const std::vector<std::string>& words) {
  if (auto ours = from_toolkit_s3(words)) return std::move(*ours);
  if (words.size() < 2) return words;
  const Translation* known = translation_of(words[0], words[1]);
  if (known == nullptr) return words;
  const std::size_t space = known->ours.find(' ');
  std::vector<std::string> ours = {std::string(known->ours.substr(0, space)),
                                   std::string(known->ours.substr(space + 1))};
  for (std::size_t at = 2; at < words.size();) {
    const std::string name = words[at].substr(0, words[at].find('='));
    if (const Flag* flag = find(known->flags, name)) {
      translate(words, at, *flag, ours);
    } else {
      ours.push_back(words[at++]);
    }
  }
  const bool is_toolkits = std::ranges::any_of(words, [&](const std::string& word) {
    const std::string name = word.substr(0, word.find('='));
    return !known->flags.empty() && (name == known->flags[0].brief || name == known->flags[0].full);
  });
  if (!is_toolkits) return ours;
  if (!known->meant.empty()) ours.emplace_back(known->meant);
  const bool has_form = std::ranges::any_of(
      ours, [](const std::string& word) { return word.starts_with("--output"); });
  const bool is_dry = std::ranges::find(ours, "--dry-run") != ours.end();  // nothing was made
  if (!has_form && !is_dry && !known->said.empty()) {
    ours.push_back("--output=" + std::string(kToolkitForm) + words[0] + " " + words[1]);
  }
  return ours;
}

bool has_toolkit_lines(const std::string& command) {
  const std::size_t space = command.find(' ');
  if (space == std::string::npos) return false;
  const Translation* known = translation_of(command.substr(0, space), command.substr(space + 1));
  return known != nullptr && !known->said.empty();
}

std::string toolkit_lines(const std::string& command, const Json& object) {
  const std::size_t space = command.find(' ');
  const Translation* known = translation_of(command.substr(0, space), command.substr(space + 1));
  if (known == nullptr) return "";
  std::string lines;
  std::istringstream said{std::string(known->said)};
  for (std::string line; std::getline(said, line);) {
    bool is_whole = true;
    for (std::size_t open = 0; (open = line.find('{')) != std::string::npos;) {
      const std::size_t close = line.find('}', open);
      const std::string field = line.substr(open + 1, close - open - 1);
      is_whole &= object.contains(field);
      const std::string value = object.contains(field) ? object[field].get<std::string>() : "";
      line.replace(open, close - open + 1, value);
    }
    if (is_whole) lines += line + "\n";
  }
  return lines;
}

}  // namespace scrim::cli
