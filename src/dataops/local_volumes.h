// Volumes and snapshots as folders. Each verb builds what it makes in a staging folder and ends
// with one rename.
#pragma once

#include <scrim/dataops.h>

#include "dataops/copy_tree.h"
#include "dataops/object_lock.h"
#include "dataops/root.h"
#include "dataops/staging.h"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace scrim {

// What is known of the programs over a volume: what each has of it, as in "the model repository of
// server 'x'"; and the names of those that run, as in "server 'x'".
struct LocalUsers {
  std::function<std::vector<std::string>(const std::string&volume)> keepers, running;
};

class LocalVolumes {
 public:
  // The folders and the options outlive this.
  LocalVolumes(const SpaceFolders& folders, const LocalOptions& options, LocalUsers users)
      : folders_(folders), options_(options), users_(std::move(users)) {}

  // As the methods of DataOps.
  Outcome<Volume> create(const std::string& name, std::uint64_t size, const Labels& labels) const;
  Outcome<Volume> clone(const std::string& name, const Origin& origin,
                        std::optional<std::uint64_t> size, const Labels& labels) const;
  Outcome<Volume> resize(const std::string& name, std::uint64_t size) const;
  void remove(const std::string& name, Dependents dependents) const;
  Volume find(const std::string& name) const;
  bool has(const std::string& name) const;
  std::vector<Volume> all() const;
  // Names. Throws kRefused, naming them, where there are some and they stand in the way.
  std::vector<std::string> snapshots_of(const std::string& volume, Dependents dependents) const;

  // `fill` adds files to the folder of a new one.
  Outcome<Snapshot> create_snapshot(
      const std::string& volume, const std::string& name, const Labels& labels,
      const std::function<void(const std::filesystem::path&)>& fill = {}) const;
  Outcome<Volume> restore(const std::string& snapshot) const;
  void remove_snapshot(const std::string& name) const;
  Snapshot find_snapshot(const std::string& name) const;
  bool has_snapshot(const std::string& name) const;
  std::vector<Snapshot> all_snapshots() const;

  std::optional<Usage> usage(const Origin& object) const;
  // Throws kRefused, naming it, where a server, a workspace or a transfer is made for the volume,
  // but for that one ("the volume of workspace 'x'"); and where something uses the object.
  void refuse_kept(const std::string& volume, const std::string& but) const;
  void refuse_used(const Origin& object) const;
  // So that the object stays while the lock lives. Throws kNotFound without it.
  ObjectLock take(const Origin& object, LockMode mode) const;

 private:
  void step(std::string_view what) const;
  std::filesystem::path folder_of_object(const Origin& object) const;
  Staging stage(const char* verb, const Origin& object,
                const std::optional<Origin>& origin = {}) const;
  void make_object(const Staging& staging, const std::string& record) const;
  CopyMethod copy_data(const Origin& origin, const Staging& staging) const;
  Outcome<Volume> appear(Staging& staging, const Volume& wanted, const std::string& how) const;
  void disappear(const char* verb, const Origin& object) const;
  std::string holder_of(const Origin& object) const;
  std::optional<ObjectLock> try_take(const Origin& object, LockMode mode) const;
  std::uint64_t size_of(const Origin& object) const;
  std::optional<Volume> find_volume(const std::string& name) const;

  const SpaceFolders& folders_;
  const LocalOptions& options_;
  LocalUsers users_;
};

}  // namespace scrim
