#include "cluster/rights.h"

#include <scrim/dataops.h>

#include "base/check.h"
#include "base/text.h"
#include "cluster/objects.h"
#include "dataops/names.h"

#include <map>
#include <set>

namespace scrim {
namespace {

using Verbs = std::vector<std::string>;

const Verbs kRead = {"get", "list", "watch"};
const Verbs kMake = {"create", "delete", "get", "list", "watch"};  // deletes what fails
const Verbs kChange = {"get", "list", "patch", "watch"};
const Verbs kLook = {"list"};

// Whoever waits repeats what the cluster says; whoever makes a volume looks at its class; whoever
// misses a claim looks whether a restore of it broke off.
const Right kSay = {kEvents, kLook};
const Right kClasses = {kStorageClasses, {"get", "list"}};
const Right kRestores = {kPersistentVolumes, kLook};
constexpr ApiKind kPodLogs{"", "", "pods/log"};
const Right kSpace = {kNamespaces, {"get"}};

using Rights = std::vector<Right>;

// A deployment with a service is made, and waited for; so are a volume's clones.
const Rights kDeploys = {{kDeployments, {"create", "delete", "get", "list", "patch", "watch"}},
                         {kServices, {"create", "delete", "get", "patch"}},
                         {kPods, kLook},
                         {kNodes, kLook},
                         kRestores,
                         kSay};
const Rights kClones = {
    {kVolumeClaims, kMake}, {kVolumeSnapshots, kMake}, kClasses, kRestores, kSay};
// One that is there is started, stopped, listed.
const Rights kStarts = {
    {kDeployments, kChange}, {kServices, {"get"}}, {kPods, kLook}, {kNodes, kLook}, kSay};
const Rights kStops = {
    {kDeployments, kChange}, {kServices, {"get"}}, {kPods, kRead}, {kNodes, kLook}, kSay};
const Rights kLists = {{kDeployments, kLook}, {kServices, kLook}, {kNodes, kLook}, kSpace};

Rights with(Rights all, const Rights& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

using Table = std::map<std::string, std::vector<Right>>;

Table rights_on_volumes() {
  return {
      {"create volume", {{kVolumeClaims, kMake}, kClasses, kRestores, kSay}},
      {"clone volume", kClones},
      {"resize volume", {{kVolumeClaims, kChange}, kRestores, kSay}},
      {"delete volume",
       {{kVolumeClaims, {"delete", "get", "list", "watch"}},
        {kVolumeSnapshots, {"delete", "get", "list", "watch"}},
        {kPods, {"delete", "list"}},
        {kDeployments, kLook},
        kRestores,
        kSay}},
      {"list volumes", {{kVolumeClaims, kLook}, kSpace}},
      {"show volume",
       {{kVolumeClaims, kRead},
        {kVolumeSnapshots, kLook},
        {kDeployments, kLook},
        {kServices, kLook},
        {kNodes, kLook},
        kRestores}},
      {"list lineage",
       {{kVolumeClaims, kLook},
        {kVolumeSnapshots, kLook},
        {kDeployments, kLook},
        {kServices, kLook},
        {kNodes, kLook},
        kSpace}},
      {"create snapshot", {{kVolumeClaims, kRead}, {kVolumeSnapshots, kMake}, kRestores, kSay}},
      {"restore snapshot",
       {{kVolumeClaims, {"create", "delete", "get", "list", "patch", "watch"}},
        {kVolumeSnapshots, kRead},
        {kPersistentVolumes, kChange},
        {kPods, {"delete", "get", "list", "watch"}},
        {kDeployments, kChange},
        {kStatefulSets, kChange},
        kClasses,
        kSay}},
      {"delete snapshot", {{kVolumeSnapshots, {"delete", "get", "list", "watch"}}, kSay}},
      {"list snapshots", {{kVolumeSnapshots, kLook}, kSpace}},
      {"show snapshot", {{kVolumeClaims, kLook}, {kVolumeSnapshots, kRead}}},
  };
}

Table rights_on_servers() {
  return {
      {"create server", with(kDeploys, {{kVolumeClaims, {"get"}}})},
      {"start server", kStarts},
      {"stop server", kStops},
      {"delete server",
       {{kDeployments, {"delete", "get", "list", "watch"}},
        {kServices, {"delete", "get"}},
        {kNodes, kLook},
        kSay}},
      {"list servers", kLists},
      {"show server", {{kDeployments, {"get"}}, {kServices, {"get"}}, {kNodes, kLook}}},
      {"clone server", with(kDeploys, kClones)},
      {"update server", with(kStarts, kClones)},
  };
}

Table rights_on_runs() {
  return {
      {"run sweep",
       {{kVolumeClaims, kMake},
        {kVolumeSnapshots, kMake},
        {kJobs, {"create", "delete", "get", "list", "watch"}},
        {kPods, kRead},
        {kPodLogs, {"get"}},
        {kSecrets, {"create", "delete", "patch"}},
        kClasses,
        kRestores,
        kSay}},
      {"list runs", {{kJobs, kLook}, kSpace}},
      {"delete run",
       {{kJobs, {"delete", "get", "list", "watch"}},
        {kSecrets, {"delete"}},
        {kVolumeClaims, {"delete"}},
        {kVolumeSnapshots, {"delete"}},
        kSay}},
  };
}

Table rights_on_namespaces() {
  return {
      {"create namespace", {{kNamespaces, {"create"}}}},
      {"delete namespace",
       {{kNamespaces, {"delete", "get", "list", "watch"}},
        {kVolumeClaims, kLook},
        {kVolumeSnapshots, kLook},
        {kPods, kLook}}},
      {"list namespaces", {{kNamespaces, kLook}}},
  };
}

Table rights_on_workspaces() {
  const Right secrets = {kSecrets, {"create", "delete", "get"}};
  return {
      {"create workspace", with(kDeploys, {{kVolumeClaims, kMake}, secrets, kClasses})},
      {"clone workspace", with(with(kDeploys, kClones), {secrets})},
      {"start workspace", kStarts},
      {"stop workspace", kStops},
      {"delete workspace",
       {{kDeployments, {"delete", "get", "list", "patch", "watch"}},
        {kPods, {"delete", "get", "list", "watch"}},
        {kServices, {"delete", "get"}},
        {kSecrets, {"delete"}},
        {kVolumeClaims, {"delete", "get", "list", "watch"}},
        {kVolumeSnapshots, {"delete", "get", "list", "watch"}},
        {kNodes, kLook},
        kRestores,
        kSay}},
      {"list workspaces", kLists},
      {"show workspace",
       {{kDeployments, {"get"}}, {kServices, {"get"}}, {kSecrets, {"get"}}, {kNodes, kLook}}},
  };
}

Table rights_on_transfers() {
  const Verbs make_and_mark = {"create", "delete", "get", "list", "patch", "watch"};
  const Verbs end = {"delete", "get", "list", "watch"};
  return {
      {"create transfer",
       {{kVolumeClaims, {"get"}},
        {kSecrets, {"create", "delete", "get", "patch"}},
        {kJobs, make_and_mark},
        {kCronJobs, make_and_mark},
        {kPods, kRead},
        {kPodLogs, {"get"}},
        kRestores,
        kSay}},
      {"run transfer",
       {{kJobs, make_and_mark}, {kCronJobs, {"get"}}, {kPods, kRead}, {kPodLogs, {"get"}}, kSay}},
      {"delete transfer", {{kSecrets, {"delete"}}, {kJobs, end}, {kCronJobs, end}, kSay}},
      {"list transfers", {{kJobs, kLook}, {kCronJobs, kLook}, kSpace}},
      {"show transfer", {{kJobs, {"get"}}, {kCronJobs, {"get"}}}},
  };
}

const Table& table() {
  static const Table rights = [] {
    Table all = rights_on_volumes();
    all.merge(rights_on_servers());
    all.merge(rights_on_runs());
    all.merge(rights_on_namespaces());
    all.merge(rights_on_workspaces());
    all.merge(rights_on_transfers());
    return all;
  }();
  return rights;
}

// Of each group and resource.
using Rules = std::map<std::pair<std::string, std::string>, std::set<std::string>>;

void add(const Right& right, Rules& rules) {
  rules[{std::string(right.kind.group), std::string(right.kind.plural)}].insert(right.verbs.begin(),
                                                                                right.verbs.end());
}

Json role(const char* kind, const Rules& rules, const std::string& space) {
  Json metadata = {{"name", kManager}};
  if (!space.empty()) metadata["namespace"] = space;
  Json list = Json::array();
  for (const auto& [resource, verbs] : rules) {
    list.push_back({{"apiGroups", Json::array({resource.first})},
                    {"resources", Json::array({resource.second})},
                    {"verbs", verbs}});
  }
  return {{"apiVersion", "rbac.authorization.k8s.io/v1"},
          {"kind", kind},
          {"metadata", std::move(metadata)},
          {"rules", std::move(list)}};
}

}  // namespace

std::vector<Right> rights_of(const std::string& command) {
  const auto found = table().find(command);
  check(found != table().end(), "'", command, "' is no command on a cluster: there are ",
        joined(commands_with_rights()));
  return found->second;
}

std::vector<std::string> commands_with_rights() {
  std::vector<std::string> commands;
  for (const auto& [command, rights] : table()) commands.push_back(command);
  return commands;
}

std::string cluster_roles(std::vector<std::string> commands, const std::string& space) {
  check_namespace(space);
  if (commands.empty()) commands = commands_with_rights();
  Rules inside, across;
  for (const std::string& command : commands) {
    for (const Right& right : rights_of(command))
      add(right, right.kind.namespaced ? inside : across);
  }
  Json items = Json::array();
  if (!inside.empty()) items.push_back(role("Role", inside, space));
  if (!across.empty()) items.push_back(role("ClusterRole", across, ""));
  return Json{{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}}.dump(2);
}

}  // namespace scrim
