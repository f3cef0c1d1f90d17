// The verbs on folders. Each builds what it makes in a staging folder and ends with one rename.
#include <scrim/dataops.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/text.h"
#include "dataops/busy_files.h"
#include "dataops/copy_tree.h"
#include "dataops/local_runs.h"
#include "dataops/local_servers.h"
#include "dataops/names.h"
#include "dataops/object_lock.h"
#include "dataops/record.h"
#include "dataops/root.h"
#include "dataops/staging.h"
#include "dataops/subvolume.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

namespace scrim {
namespace fs = std::filesystem;
namespace {

std::string shown(const Origin& object) {
  return std::string(name(object.kind)) + " '" + object.name + "'";
}

// The files that a copy left in the memory of the system, on the disk itself.
void sync_file_system(const fs::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid() || ::syncfs(opened.get()) != 0) fail_to_write(folder, errno);
}

Usage usage_of(const fs::path& data) {
  Usage usage;
  std::set<std::pair<dev_t, ino_t>> linked;  // counted once
  std::error_code error;
  for (fs::recursive_directory_iterator entry(data, error), end; !error && entry != end;
       entry.increment(error)) {
    struct stat status {};
    if (::lstat(entry->path().c_str(), &status) != 0 || S_ISDIR(status.st_mode)) continue;
    ++usage.files;
    constexpr std::uint64_t kBlock = 512;  // of st_blocks, whatever the file system's is
    const bool is_first =
        status.st_nlink < 2 || linked.emplace(status.st_dev, status.st_ino).second;
    if (is_first) usage.bytes += static_cast<std::uint64_t>(status.st_blocks) * kBlock;
  }
  if (error) fail(ErrorCode::kUnavailable, "cannot read ", data.string(), ": ", error.message());
  return usage;
}

class LocalEngine : public DataOps {
 public:
  LocalEngine(fs::path root, SpaceFolders folders, LocalOptions options)
      : root_(std::move(root)), folders_(std::move(folders)), options_(std::move(options)) {
    if (!options_.dry_run) sweep(folders_.staging);
  }

  Outcome<Volume> create_volume(const std::string& name, std::uint64_t size,
                                const Labels& labels) override {
    check_name("volume", name);
    check_labels(labels);
    check(size > 0, "the size of volume '", name, "' is 0, not above");
    const Volume wanted{name, size, rfc3339_now(), {}, labels, data_of(folders_.volumes / name)};
    if (const auto there = find_volume(name)) return unchanged(*there, wanted);
    if (options_.dry_run) return {wanted};
    Staging staging = stage("create volume", {ObjectKind::kVolume, name});
    make_object(staging, record_text(wanted));
    step("make the folder");
    make_data_folder(data_of(staging.object()));
    return appear(staging, wanted, "");
  }

  Outcome<Volume> clone_volume(const std::string& name, const Origin& origin,
                               std::optional<std::uint64_t> size, const Labels& labels) override {
    check_name("volume", name);
    check_labels(labels);
    const ObjectLock lock = take(origin, LockMode::kShared);
    const std::uint64_t least = size_of(origin);
    check(size.value_or(least) >= least, "volume '", name, "' of ", size_text(size.value_or(0)),
          " is smaller than ", shown(origin), " of ", size_text(least));
    const Volume wanted{name,          size.value_or(least),
                        rfc3339_now(), origin,
                        labels,        data_of(folders_.volumes / name)};
    if (const auto there = find_volume(name)) return unchanged(*there, wanted);
    if (options_.dry_run) return {wanted};
    Staging staging = stage("clone volume", {ObjectKind::kVolume, name}, origin);
    make_object(staging, record_text(wanted));
    const CopyMethod method = copy_data(origin, staging);
    return appear(staging, wanted, std::string(scrim::name(method)));
  }

  Outcome<Volume> resize_volume(const std::string& name, std::uint64_t size) override {
    const ObjectLock lock = take({ObjectKind::kVolume, name}, LockMode::kExclusive);
    Volume changed = read_volume(folders_.volumes / name);
    if (changed.size == size) return {changed, false};
    const Usage held = usage_of(changed.path);
    check(size > 0 && size >= held.bytes, "volume '", name, "' holds ", held.bytes,
          " bytes and cannot become ", size_text(size));
    changed.size = size;
    if (options_.dry_run) return {changed};
    step("write the record");
    write_file_atomically(record_of(folders_.volumes / name), record_text(changed));
    return {changed};
  }

  void delete_volume(const std::string& name, Dependents dependents) override {
    const Origin object{ObjectKind::kVolume, name};
    const ObjectLock lock = take(object, LockMode::kExclusive);
    refuse_used(object);
    std::vector<std::string> own;  // no new one appears while the volume is locked
    for (const Snapshot& one : snapshots()) {
      if (one.volume == name) own.push_back(one.name);
    }
    if (const auto servers = servers_.over(name); !servers.empty()) {
      fail(ErrorCode::kRefused, "volume '", name, "' is the model repository of server '",
           servers.front(), "'; delete that first");
    }
    if (dependents == Dependents::kRefuse && !own.empty()) {
      fail(ErrorCode::kRefused, "volume '", name, "' has snapshots: ", joined(own),
           "; cascade deletes them too, keep-snapshots lets them stay");
    }
    if (options_.dry_run) return;
    if (dependents == Dependents::kCascade) {
      for (const std::string& one : own) delete_snapshot(one);
    }
    disappear("delete volume", object);
  }

  Volume volume(const std::string& name) override {
    auto found = find_volume(name);
    if (!found) missing({ObjectKind::kVolume, name});
    return std::move(*found);
  }

  std::vector<Volume> volumes() override { return all<Volume>(folders_.volumes, read_volume); }

  Outcome<Snapshot> create_snapshot(const std::string& volume, const std::string& name,
                                    const Labels& labels) override {
    const std::string own_name = name.empty() ? dated_name(volume) : name;
    check_name("snapshot", own_name);
    check_labels(labels);
    const Origin origin{ObjectKind::kVolume, volume};
    const ObjectLock lock = take(origin, LockMode::kShared);
    const fs::path folder = folders_.snapshots / own_name;
    const Snapshot wanted{own_name,      volume, size_of(origin),
                          rfc3339_now(), labels, data_of(folder)};
    if (const auto there = find<Snapshot>(folder, read_snapshot)) return same(*there, wanted);
    if (options_.dry_run) return {wanted};
    Staging staging = stage("create snapshot", {ObjectKind::kSnapshot, own_name}, origin);
    make_object(staging, record_text(wanted));
    const CopyMethod method = copy_data(origin, staging);
    if (staging.appear_at(folder)) return {wanted, true, std::string(scrim::name(method))};
    return same(read_snapshot(folder), wanted);
  }

  Outcome<Volume> restore_snapshot(const std::string& name) override {
    // The volume first, as whoever deletes it with its snapshots locks them.
    const Snapshot from = snapshot(name);
    const Origin origin{ObjectKind::kSnapshot, name}, target{ObjectKind::kVolume, from.volume};
    const auto lock = try_take(target, LockMode::kExclusive);
    const ObjectLock source = take(origin, LockMode::kShared);
    Volume wanted{from.volume, from.size, rfc3339_now(),
                  origin,      {},        data_of(folders_.volumes / from.volume)};
    if (lock) {
      refuse_used(target);
      const Volume there = read_volume(folders_.volumes / from.volume);
      wanted.size = std::max(wanted.size, there.size);
      wanted.labels = there.labels;
      wanted.created = there.created;
    }
    if (options_.dry_run) return {wanted};
    Staging staging = stage("restore snapshot", target, origin);
    make_object(staging, record_text(wanted));
    const CopyMethod method = copy_data(origin, staging);
    if (method != CopyMethod::kSubvolume) sync_file_system(staging.object());
    if (!lock) return appear(staging, wanted, std::string(scrim::name(method)));
    staging.exchange_with(folders_.volumes / from.volume);
    return {wanted, true, std::string(scrim::name(method))};
  }

  void delete_snapshot(const std::string& name) override {
    const Origin object{ObjectKind::kSnapshot, name};
    const ObjectLock lock = take(object, LockMode::kExclusive);
    if (!options_.dry_run) disappear("delete snapshot", object);
  }

  Snapshot snapshot(const std::string& name) override {
    auto found = find<Snapshot>(folders_.snapshots / name, read_snapshot);
    if (!found) missing({ObjectKind::kSnapshot, name});
    return std::move(*found);
  }

  std::vector<Snapshot> snapshots() override {
    return all<Snapshot>(folders_.snapshots, read_snapshot);
  }

  Outcome<ServedVolume> create_server(const ServerPlan& plan) override {
    check_name("server", plan.name);
    const ObjectLock lock = take({ObjectKind::kVolume, plan.volume}, LockMode::kShared);
    return servers_.create(plan);
  }

  Outcome<ServedVolume> stop_server(const std::string& name) override {
    return servers_.stop(name);
  }
  Outcome<ServedVolume> start_server(const std::string& name) override {
    return servers_.start(name);
  }
  void delete_server(const std::string& name) override { servers_.remove(name); }
  ServedVolume server(const std::string& name) override { return servers_.find(name); }
  std::vector<ServedVolume> servers() override { return servers_.all(); }

  std::vector<RunResult> run(const RunPlan& plan) override {
    check_name("run", plan.name);
    volume(plan.volume);
    const std::string snapshot = pinned(plan.name);
    const LocalRuns runs(folders_, options_);
    runs.prepare(plan);
    if (options_.dry_run) return runs.results(plan);
    const Outcome<Snapshot> files = create_snapshot(plan.volume, snapshot, {});
    const ObjectLock lock = take({ObjectKind::kSnapshot, snapshot}, LockMode::kShared);
    return runs.run(plan, files.object.path);
  }

  std::vector<std::string> runs() override { return LocalRuns(folders_, options_).names(); }

  void delete_run(const std::string& name) override {
    const LocalRuns runs(folders_, options_);
    runs.check_there(name);
    if (find<Snapshot>(folders_.snapshots / pinned(name), read_snapshot)) {
      delete_snapshot(pinned(name));
    }
    runs.remove(name);
  }

  std::optional<Usage> usage(const Origin& object) override {
    const ObjectLock lock = take(object, LockMode::kShared);
    return usage_of(data_of(folder_of_object(object)));
  }

  std::string space() const override { return options_.space; }
  std::vector<std::string> namespaces() override { return local_namespaces(root_); }
  bool create_namespace(const std::string& name) override {
    return create_local_namespace(root_, name);
  }
  void delete_namespace(const std::string& name) override { delete_local_namespace(root_, name); }

 private:
  // The snapshot that a run works on.
  static std::string pinned(const std::string& run) { return run + ".run"; }

  void step(std::string_view what) const {
    if (options_.on_step) options_.on_step(what);
  }

  fs::path folder_of_object(const Origin& object) const {
    check_name(name(object.kind), object.name);
    return (object.kind == ObjectKind::kVolume ? folders_.volumes : folders_.snapshots) /
           object.name;
  }

  Staging stage(const char* verb, const Origin& object,
                const std::optional<Origin>& origin = {}) const {
    std::vector<std::string> objects = {shown(object)};
    if (origin) objects.push_back(shown(*origin));
    return Staging(folders_.staging, verb, std::move(objects), options_.on_step);
  }

  void make_object(const Staging& staging, const std::string& record) const {
    step("make the object");
    if (::mkdir(staging.object().c_str(), 0777) != 0) fail_to_write(staging.object(), errno);
    step("write the record");
    write_file_atomically(record_of(staging.object()), record);
  }

  CopyMethod copy_data(const Origin& origin, const Staging& staging) const {
    step("copy the files");
    const CopyMethod method =
        copy_tree(data_of(folder_of_object(origin)), data_of(staging.object()),
                  {.progress = options_.progress, .stop = options_.stop});
    if (method == CopyMethod::kCopy) sync_file_system(staging.object());
    return method;
  }

  // The volume gets its name, unless another process was faster.
  Outcome<Volume> appear(Staging& staging, const Volume& wanted, const std::string& how) const {
    const fs::path folder = folders_.volumes / wanted.name;
    if (staging.appear_at(folder)) return {wanted, true, how};
    return unchanged(read_volume(folder), wanted);
  }

  void disappear(const char* verb, const Origin& object) const {
    Staging staging = stage(verb, object);
    staging.take_from(folder_of_object(object));
    staging.remove();
  }

  std::string holder_of(const Origin& object) const {
    for (const Intent& intent : intents(folders_.staging)) {
      if (std::ranges::find(intent.objects, shown(object)) == intent.objects.end()) continue;
      return sentence("process ", intent.process, " does '", intent.verb, "' since ", intent.since);
    }
    return "another process holds it";
  }

  std::optional<ObjectLock> try_take(const Origin& object, LockMode mode) const {
    return ObjectLock::take(folder_of_object(object), mode, options_.timeout, shown(object),
                            [&] { return holder_of(object); });
  }

  ObjectLock take(const Origin& object, LockMode mode) const {
    auto lock = try_take(object, mode);
    if (!lock) missing(object);
    return std::move(*lock);
  }

  [[noreturn]] static void missing(const Origin& object) {
    fail(ErrorCode::kNotFound, "there is no ", shown(object));
  }

  void refuse_used(const Origin& object) const {
    auto users = users_of(data_of(folder_of_object(object)));
    for (const std::string& server : servers_.running_over(object.name)) {
      users.push_back("server '" + server + "'");
    }
    if (users.empty()) return;
    fail(ErrorCode::kRefused, shown(object), " is in use by ", joined(users),
         "; end what uses it first");
  }

  std::uint64_t size_of(const Origin& object) const {
    const fs::path folder = folder_of_object(object);
    return object.kind == ObjectKind::kVolume ? read_volume(folder).size
                                              : read_snapshot(folder).size;
  }

  std::optional<Volume> find_volume(const std::string& name) const {
    check_name("volume", name);
    return find<Volume>(folders_.volumes / name, read_volume);
  }

  template <typename Object, typename Read>
  static std::optional<Object> find(const fs::path& folder, const Read& read) {
    try {
      return read(folder);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) throw;
      return std::nullopt;
    }
  }

  template <typename Object, typename Read>
  static std::vector<Object> all(const fs::path& folder, const Read& read) {
    std::vector<Object> objects;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      if (auto found = find<Object>(entry->path(), read)) objects.push_back(std::move(*found));
    }
    if (error) {
      fail(ErrorCode::kUnavailable, "cannot read ", folder.string(), ": ", error.message());
    }
    std::ranges::sort(objects, {}, &Object::name);
    return objects;
  }

  static Outcome<Volume> unchanged(const Volume& there, const Volume& wanted) {
    const auto from = [](const Volume& volume) {
      return volume.origin ? shown(*volume.origin) : std::string("nothing");
    };
    check(there.size == wanted.size && from(there) == from(wanted) && there.labels == wanted.labels,
          "there is a volume '", there.name, "' already, of ", size_text(there.size), " and from ",
          from(there), (there.labels == wanted.labels ? "" : ", with other labels"));
    return {there, false};
  }

  static Outcome<Snapshot> same(const Snapshot& there, const Snapshot& wanted) {
    check(there.volume == wanted.volume && there.labels == wanted.labels, "there is a snapshot '",
          there.name, "' already, of volume '", there.volume, "'",
          (there.labels == wanted.labels ? "" : " and with other labels"));
    return {there, false};
  }

  fs::path root_;
  SpaceFolders folders_;
  LocalOptions options_;
  LocalServers servers_{folders_, options_};
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
