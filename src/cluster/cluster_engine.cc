// The verbs on a cluster: each is a few calls, and the wait until what they ask for is so.
#include <scrim/dataops.h>

#include "base/check.h"
#include "base/text.h"
#include "cluster/claims.h"
#include "cluster/objects.h"
#include "cluster/restore.h"
#include "cluster/runs.h"
#include "cluster/servers.h"
#include "cluster/snapshots.h"
#include "cluster/transfers.h"
#include "cluster/users.h"
#include "cluster/work.h"
#include "cluster/workspaces.h"
#include "dataops/names.h"
#include "kube/kubeconfig.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr const char* kDefaultSpace = "default";

class ClusterEngine : public DataOps {
 public:
  ClusterEngine(ClusterAccess access, ClusterOptions options)
      : options_(std::move(options)),
        api_(std::move(access),
             {.space = options_.space, .manager = kManager, .dry_run = options_.dry_run}) {
    check_namespace(api_.space());
  }

  Outcome<Volume> create_volume(const std::string& name, std::uint64_t size,
                                const Labels& labels) override {
    return scrim::create_volume(begin(), name, size, labels);
  }
  Outcome<Volume> clone_volume(const std::string& name, const Origin& origin,
                               std::optional<std::uint64_t> size, const Labels& labels) override {
    return scrim::clone_volume(begin(), name, origin, size, labels);
  }
  Outcome<Volume> resize_volume(const std::string& name, std::uint64_t size) override {
    return scrim::resize_volume(begin(), name, size);
  }

  void delete_volume(const std::string& name, Dependents dependents) override {
    const ClusterWork work = begin();
    const ApiObject claim = claim_of(work, name);
    if (const auto servers = ClusterServers(work).over(name); !servers.empty()) {
      fail(ErrorCode::kRefused, "volume '", name, "' is the model repository of server '",
           servers.front(), "'; delete that first");
    }
    if (const auto owner = ClusterWorkspaces(work).owner_of(name); !owner.empty()) {
      fail(ErrorCode::kRefused, "volume '", name, "' is the volume of workspace '", owner,
           "'; delete that first");
    }
    release_claim(work, name);
    remove_claim(work, claim, snapshots_of(name, dependents), dependents);
  }

  Volume volume(const std::string& name) override { return volume_of(claim_of(begin(), name)); }

  std::vector<Volume> volumes() override {
    std::vector<Volume> volumes;
    for (const ApiObject& claim : begin().listed(kVolumeClaims)) {
      if (label_of(claim, kRestoreLabel).empty()) volumes.push_back(volume_of(claim));
    }
    return volumes;
  }

  Outcome<Snapshot> create_snapshot(const std::string& volume, const std::string& name,
                                    const Labels& labels) override {
    const ClusterWork work = begin();
    return make_snapshot(work, volume, name, labels,
                         ClusterWorkspaces(work).notes_for_snapshot(volume));
  }

  Outcome<Volume> restore_snapshot(const std::string& name) override {
    const ClusterWork work = begin();
    const ApiObject snapshot = snapshot_object(work, name);
    const std::string volume = text_at(snapshot, "spec.source.persistentVolumeClaimName");
    check(!volume.empty(), "snapshot '", name, "' was not taken of a volume of this namespace");
    if (options_.dry_run) return restored_dry(work, volume);
    if (options_.stops_users) stop_users(work, volume);
    try {
      const auto ended = end_restore(work, volume);
      const bool is_this = ended && note_of(*ended, kOriginNote) == "snapshot/" + name;
      Outcome<Volume> outcome =
          is_this ? Outcome<Volume>{volume_of(*ended)} : restored(work, name, volume);
      start_users(work, volume);
      return outcome;
    } catch (const Error&) {
      // One that broke off in the middle is ended first, by the next command.
      if (api_.find(kVolumeClaims, volume)) start_users(work, volume);
      throw;
    }
  }

  void delete_snapshot(const std::string& name) override {
    const ClusterWork work = begin();
    const ApiObject snapshot = snapshot_object(work, name);
    work.step("delete the snapshot");
    api_.remove(kVolumeSnapshots, name, uid_of(snapshot));
    if (work.waits()) {
      work.wait_gone(kVolumeSnapshots, snapshot, "the deletion of snapshot '" + name + "'");
    }
  }

  Snapshot snapshot(const std::string& name) override {
    return snapshot_of(snapshot_object(begin(), name));
  }

  std::vector<Snapshot> snapshots() override {
    std::vector<Snapshot> snapshots;
    if (!api_.version_of(kVolumeSnapshots.group)) return snapshots;
    for (const ApiObject& one : begin().listed(kVolumeSnapshots))
      snapshots.push_back(snapshot_of(one));
    return snapshots;
  }

  std::optional<Usage> usage(const Origin&) override { return std::nullopt; }

  Outcome<ServedVolume> create_server(const ServerPlan& plan) override {
    return ClusterServers(begin()).create(plan);
  }
  Outcome<ServedVolume> stop_server(const std::string& name) override {
    return ClusterServers(begin()).stop(name);
  }
  Outcome<ServedVolume> start_server(const std::string& name) override {
    return ClusterServers(begin()).start(name);
  }
  void delete_server(const std::string& name) override { ClusterServers(begin()).remove(name); }
  ServedVolume server(const std::string& name) override {
    return ClusterServers(begin()).find(name);
  }
  std::vector<ServedVolume> servers() override { return ClusterServers(begin()).all(); }
  Outcome<ServedVolume> clone_server(const std::string& name, const std::string& from) override {
    return ClusterServers(begin()).clone(name, from);
  }
  Outcome<ServedVolume> update_server(const std::string& name, const Origin& models) override {
    return ClusterServers(begin()).update(name, models);
  }

  Outcome<Workspace> create_workspace(const WorkspacePlan& plan) override {
    return ClusterWorkspaces(begin()).create(plan);
  }
  Outcome<Workspace> clone_workspace(const WorkspacePlan& plan, const Origin& origin) override {
    return ClusterWorkspaces(begin()).clone(plan, origin);
  }
  Outcome<Workspace> stop_workspace(const std::string& name) override {
    return ClusterWorkspaces(begin()).stop(name);
  }
  Outcome<Workspace> start_workspace(const std::string& name) override {
    return ClusterWorkspaces(begin()).start(name);
  }
  void delete_workspace(const std::string& name, Dependents dependents) override {
    const ClusterWork work = begin();
    const ClusterWorkspaces workspaces(work);
    const std::string volume = workspaces.volume_of(name);
    const std::vector<std::string> own = snapshots_of(volume, dependents);
    for (const std::string& other : workspaces.over(volume)) {
      if (other == name) continue;
      fail(ErrorCode::kRefused, "volume '", volume, "' is mounted by workspace '", other,
           "'; delete that first");
    }
    if (options_.dry_run) return;
    // Where others use its files, it is stopped and stays.
    if (options_.wait && api_.find(kVolumeClaims, volume)) {
      workspaces.rest(name);
      release_claim(work, volume);
    }
    workspaces.remove(name);
    const auto claim = api_.find(kVolumeClaims, volume);
    if (claim) remove_claim(work, *claim, own, dependents);
  }
  Workspace workspace(const std::string& name) override {
    return ClusterWorkspaces(begin()).find(name);
  }
  std::vector<Workspace> workspaces() override { return ClusterWorkspaces(begin()).all(); }

  std::vector<RunResult> run(const RunPlan& plan) override {
    return ClusterRuns(begin()).run(plan);
  }
  std::vector<std::string> runs() override { return ClusterRuns(begin()).names(); }
  void delete_run(const std::string& name) override { ClusterRuns(begin()).remove(name); }

  Outcome<Transfer> create_transfer(const TransferPlan& plan) override {
    return ClusterTransfers(begin()).create(plan);
  }
  Outcome<Transfer> run_transfer(const std::string& name) override {
    return ClusterTransfers(begin()).run(name);
  }
  void delete_transfer(const std::string& name) override { ClusterTransfers(begin()).remove(name); }
  Transfer transfer(const std::string& name) override {
    return ClusterTransfers(begin()).find(name);
  }
  std::vector<Transfer> transfers() override { return ClusterTransfers(begin()).all(); }

  std::string space() const override { return api_.space(); }

  std::vector<std::string> namespaces() override {
    std::vector<std::string> names;
    for (const ApiObject& one : api_.list(kNamespaces)) names.push_back(name_of(one));
    return names;
  }

  bool create_namespace(const std::string& name) override {
    check_namespace(name);
    return api_.create(kNamespaces, {{"metadata", {{"name", name}}}}).has_value();
  }

  void delete_namespace(const std::string& name) override {
    check_namespace(name);
    if (name == kDefaultSpace) fail(ErrorCode::kRefused, "namespace 'default' is always there");
    const auto there = api_.find(kNamespaces, name);
    if (!there) fail(ErrorCode::kNotFound, "there is no namespace '", name, "'");
    Api inside(api_.access(), {.space = name, .manager = kManager});
    const bool has_snapshots =
        inside.version_of(kVolumeSnapshots.group) && !inside.list(kVolumeSnapshots).empty();
    if (has_snapshots || !inside.list(kVolumeClaims).empty() || !inside.list(kPods).empty()) {
      fail(ErrorCode::kRefused, "namespace '", name,
           "' holds volumes, snapshots or pods; delete them first");
    }
    api_.remove(kNamespaces, name, uid_of(*there));
    if (!options_.wait || options_.dry_run) return;
    begin().wait_gone(kNamespaces, *there, "the deletion of namespace '" + name + "'");
  }

 private:
  Outcome<Volume> restored_dry(const ClusterWork& work, const std::string& volume) {
    release_claim(work, volume);
    const auto claim = api_.find(kVolumeClaims, volume);
    return {claim ? volume_of(*claim) : Volume{.name = volume, .created = {}}};
  }

  Outcome<Volume> restored(const ClusterWork& work, const std::string& snapshot,
                           const std::string& volume) {
    const auto claim = api_.find(kVolumeClaims, volume);
    if (!claim) return clone_volume(volume, {ObjectKind::kSnapshot, snapshot}, {}, {});
    release_claim(work, volume);
    return {volume_of(restore_over(work, ready_snapshot(work, snapshot), *claim))};
  }

  // A verb, whose patience begins now.
  ClusterWork begin() { return {api_, options_}; }

  // Names. Throws kRefused, naming them, where there are some and they stand in the way.
  std::vector<std::string> snapshots_of(const std::string& volume, Dependents dependents) {
    std::vector<std::string> own;
    for (const Snapshot& one : snapshots()) {
      if (one.volume == volume) own.push_back(one.name);
    }
    if (dependents == Dependents::kRefuse && !own.empty()) {
      fail(ErrorCode::kRefused, "volume '", volume, "' has snapshots: ", joined(own),
           "; cascade deletes them too, keep-snapshots lets them stay");
    }
    return own;
  }

  void remove_claim(const ClusterWork& work, const ApiObject& claim,
                    const std::vector<std::string>& snapshots, Dependents dependents) {
    if (options_.dry_run) return;
    if (dependents == Dependents::kCascade) {
      for (const std::string& one : snapshots) delete_snapshot(one);
    }
    work.step("delete the claim");
    api_.remove(kVolumeClaims, name_of(claim), uid_of(claim));
    if (!options_.wait) return;
    work.wait_gone(kVolumeClaims, claim, "the deletion of volume '" + name_of(claim) + "'");
  }

  ClusterOptions options_;
  Api api_;
};

}  // namespace

bool has_cluster() {
  if (access_in_pod()) return true;
  return std::ranges::any_of(kubeconfig_files(), [](const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::exists(file, ignored);
  });
}

std::unique_ptr<DataOps> open_cluster(ClusterOptions options) {
  std::optional<ClusterAccess> access;
  if (options.context.empty()) access = access_in_pod();
  if (!access) access = read_kubeconfig(kubeconfig_files(), options.context);
  return std::make_unique<ClusterEngine>(std::move(*access), std::move(options));
}

}  // namespace scrim
