// The verbs on this machine: folders, and processes over them.
#include <scrim/dataops.h>

#include "base/check.h"
#include "dataops/local_runs.h"
#include "dataops/local_servers.h"
#include "dataops/local_transfers.h"
#include "dataops/local_volumes.h"
#include "dataops/local_workspaces.h"
#include "dataops/names.h"
#include "dataops/root.h"

#include <utility>

namespace scrim {
namespace fs = std::filesystem;
namespace {

class LocalEngine : public DataOps {
 public:
  LocalEngine(fs::path root, SpaceFolders folders, LocalOptions options)
      : root_(std::move(root)), folders_(std::move(folders)), options_(std::move(options)) {
    if (!options_.dry_run) sweep(folders_.staging);
  }

  Outcome<Volume> create_volume(const std::string& name, std::uint64_t size,
                                const Labels& labels) override {
    return volumes_.create(name, size, labels);
  }
  Outcome<Volume> clone_volume(const std::string& name, const Origin& origin,
                               std::optional<std::uint64_t> size, const Labels& labels) override {
    return volumes_.clone(name, origin, size, labels);
  }
  Outcome<Volume> resize_volume(const std::string& name, std::uint64_t size) override {
    return volumes_.resize(name, size);
  }
  void delete_volume(const std::string& name, Dependents dependents) override {
    volumes_.remove(name, dependents);
  }
  Volume volume(const std::string& name) override { return volumes_.find(name); }
  std::vector<Volume> volumes() override { return volumes_.all(); }

  Outcome<Snapshot> create_snapshot(const std::string& volume, const std::string& name,
                                    const Labels& labels) override {
    return volumes_.create_snapshot(volume, name, labels, [&](const fs::path& folder) {
      workspaces_.keep_plan(volume, folder);
    });
  }

  Outcome<Volume> restore_snapshot(const std::string& name) override {
    const std::string volume = volumes_.find_snapshot(name).volume;
    if (options_.stops_users && !options_.dry_run) {
      servers_.rest(volume);
      workspaces_.rest(volume);
    }
    try {
      auto outcome = volumes_.restore(name);
      wake(volume);
      return outcome;
    } catch (const Error&) {
      wake(volume);
      throw;
    }
  }

  void delete_snapshot(const std::string& name) override { volumes_.remove_snapshot(name); }
  Snapshot snapshot(const std::string& name) override { return volumes_.find_snapshot(name); }
  std::vector<Snapshot> snapshots() override { return volumes_.all_snapshots(); }
  std::optional<Usage> usage(const Origin& object) override { return volumes_.usage(object); }

  Outcome<ServedVolume> create_server(const ServerPlan& plan) override {
    check_name("server", plan.name);
    const ObjectLock lock = volumes_.take({ObjectKind::kVolume, plan.volume}, LockMode::kShared);
    return servers_.create(plan);
  }

  Outcome<ServedVolume> clone_server(const std::string& name, const std::string& from) override {
    check_name("server", name);
    ServerPlan plan = servers_.plan_of(from);
    const Origin models{ObjectKind::kVolume, plan.volume};
    plan.name = name;
    plan.volume = volume_of_server(name);
    plan.http_port = 0;
    const Outcome<Volume> own = volumes_.clone(plan.volume, models, {}, {});
    if (options_.dry_run) return {{.name = name, .volume = plan.volume}};
    try {
      return create_server(plan);
    } catch (const Error&) {
      if (own.changed) volumes_.remove(plan.volume, Dependents::kRefuse);
      throw;
    }
  }

  Outcome<ServedVolume> update_server(const std::string& name, const Origin& models) override {
    const std::string volume = volume_for_server(name, models);
    const bool changed = servers_.plan_of(name).volume != volume;
    const bool is_clone = models.kind == ObjectKind::kSnapshot;
    const Outcome<Volume> own = is_clone
                                    ? volumes_.clone(volume, models, {}, labels_of_models(name))
                                    : Outcome<Volume>{volumes_.find(volume), false};
    if (is_clone) {
      check_models_of(models.name, volumes_.find_snapshot(models.name).created, own.object.created);
    }
    if (options_.dry_run) return servers_.update(name, volume);
    try {
      const ObjectLock lock = volumes_.take({ObjectKind::kVolume, volume}, LockMode::kShared);
      servers_.update(name, volume);
    } catch (const Error&) {
      if (own.changed) volumes_.remove(volume, Dependents::kRefuse);
      throw;
    }
    for (const Volume& one : volumes_.all()) {
      const bool ours = one.labels == labels_of_models(name) && one.name != volume;
      if (ours && servers_.over(one.name).empty() && workspaces_.keepers_of(one.name).empty() &&
          volumes_.snapshots_of(one.name, Dependents::kKeep).empty()) {
        volumes_.remove(one.name, Dependents::kRefuse);
      }
    }
    return {servers_.find(name), changed};
  }

  Outcome<ServedVolume> stop_server(const std::string& name) override {
    return servers_.stop(name);
  }
  Outcome<ServedVolume> start_server(const std::string& name) override {
    const ObjectLock lock =
        volumes_.take({ObjectKind::kVolume, servers_.plan_of(name).volume}, LockMode::kShared);
    return servers_.start(name);
  }
  void delete_server(const std::string& name) override { servers_.remove(name); }
  ServedVolume server(const std::string& name) override { return servers_.find(name); }
  std::vector<ServedVolume> servers() override { return servers_.all(); }

  Outcome<Workspace> create_workspace(const WorkspacePlan& plan) override {
    return workspaces_.create(plan);
  }
  Outcome<Workspace> clone_workspace(const WorkspacePlan& plan, const Origin& origin) override {
    return workspaces_.clone(plan, origin);
  }
  Outcome<Workspace> stop_workspace(const std::string& name) override {
    return workspaces_.stop(name);
  }
  Outcome<Workspace> start_workspace(const std::string& name) override {
    return workspaces_.start(name);
  }
  void delete_workspace(const std::string& name, Dependents dependents) override {
    workspaces_.remove(name, dependents);
  }
  Workspace workspace(const std::string& name) override { return workspaces_.find(name); }
  std::vector<Workspace> workspaces() override { return workspaces_.all(); }

  std::vector<RunResult> run(const RunPlan& plan) override {
    check_name("run", plan.name);
    volume(plan.volume);
    const std::string snapshot = pinned(plan.name);
    const LocalRuns runs(folders_, options_);
    runs.prepare(plan);
    if (options_.dry_run) return runs.results(plan);
    const Outcome<Snapshot> files = create_snapshot(plan.volume, snapshot, {});
    const ObjectLock lock = volumes_.take({ObjectKind::kSnapshot, snapshot}, LockMode::kShared);
    return runs.run(plan, files.object.path);
  }

  std::vector<std::string> runs() override { return LocalRuns(folders_, options_).names(); }

  void delete_run(const std::string& name) override {
    const LocalRuns runs(folders_, options_);
    runs.check_there(name);
    if (volumes_.has_snapshot(pinned(name))) delete_snapshot(pinned(name));
    runs.remove(name);
  }

  Outcome<Transfer> create_transfer(const TransferPlan& plan) override {
    return transfers_.create(plan);
  }
  Outcome<Transfer> run_transfer(const std::string& name) override { return transfers_.run(name); }
  void delete_transfer(const std::string& name) override { transfers_.remove(name); }
  Transfer transfer(const std::string& name) override { return transfers_.find(name); }
  std::vector<Transfer> transfers() override { return transfers_.all(); }

  std::string space() const override { return options_.space; }
  std::vector<std::string> namespaces() override { return local_namespaces(root_); }
  bool create_namespace(const std::string& name) override {
    return create_local_namespace(root_, name);
  }
  void delete_namespace(const std::string& name) override { delete_local_namespace(root_, name); }

 private:
  // The snapshot that a run works on.
  static std::string pinned(const std::string& run) { return run + ".run"; }

  // What a restore has let rest, also one that was killed.
  void wake(const std::string& volume) {
    if (options_.dry_run) return;
    servers_.wake(volume);
    workspaces_.wake(volume);
  }

  LocalUsers users() const {
    return {
        .keepers =
            [this](const std::string& volume) {
              auto keepers = workspaces_.keepers_of(volume);
              for (const std::string& name : servers_.over(volume)) {
                keepers.push_back("the model repository of server '" + name + "'");
              }
              for (const std::string& name : transfers_.scheduled_over(volume)) {
                keepers.push_back("the volume of transfer '" + name + "', which has a schedule");
              }
              return keepers;
            },
        .running =
            [this](const std::string& volume) {
              std::vector<std::string> running;
              for (const std::string& name : servers_.running_over(volume)) {
                running.push_back("server '" + name + "'");
              }
              for (const std::string& name : workspaces_.running_over(volume)) {
                running.push_back("workspace '" + name + "'");
              }
              return running;
            }};
  }

  fs::path root_;
  SpaceFolders folders_;
  LocalOptions options_;
  LocalServers servers_{folders_, options_};
  LocalVolumes volumes_{folders_, options_, users()};
  LocalWorkspaces workspaces_{folders_, options_, volumes_};
  LocalTransfers transfers_{root_, folders_, options_, volumes_};
};

}  // namespace

std::unique_ptr<DataOps> open_local(const fs::path& root, LocalOptions options) {
  std::error_code ignored;
  const bool there = fs::exists(root, ignored);
  if (there || !options.dry_run) prepare_root(root);
  SpaceFolders folders = there || !options.dry_run ? folders_of(fs::canonical(root), options.space)
                                                   : folders_for(root, options.space);
  return std::make_unique<LocalEngine>(root, std::move(folders), std::move(options));
}

}  // namespace scrim
