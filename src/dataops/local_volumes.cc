#include "dataops/local_volumes.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/text.h"
#include "dataops/busy_files.h"
#include "dataops/names.h"
#include "dataops/record.h"
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

[[noreturn]] void missing(const Origin& object) {
  fail(ErrorCode::kNotFound, "there is no ", shown(object));
}

template <typename Object, typename Read>
std::optional<Object> read_where_there(const fs::path& folder, const Read& read) {
  try {
    return read(folder);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    return std::nullopt;
  }
}

template <typename Object, typename Read>
std::vector<Object> objects_in(const fs::path& folder, const Read& read) {
  std::vector<Object> objects;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (auto found = read_where_there<Object>(entry->path(), read))
      objects.push_back(std::move(*found));
  }
  if (error) {
    fail(ErrorCode::kUnavailable, "cannot read ", folder.string(), ": ", error.message());
  }
  std::ranges::sort(objects, {}, &Object::name);
  return objects;
}

Outcome<Volume> unchanged(const Volume& there, const Volume& wanted) {
  const auto from = [](const Volume& volume) {
    return volume.origin ? shown(*volume.origin) : std::string("nothing");
  };
  check(there.size == wanted.size && from(there) == from(wanted) && there.labels == wanted.labels,
        "there is a volume '", there.name, "' already, of ", size_text(there.size), " and from ",
        from(there), (there.labels == wanted.labels ? "" : ", with other labels"));
  return {there, false};
}

Outcome<Snapshot> same(const Snapshot& there, const Snapshot& wanted) {
  check(there.volume == wanted.volume && there.labels == wanted.labels, "there is a snapshot '",
        there.name, "' already, of volume '", there.volume, "'",
        (there.labels == wanted.labels ? "" : " and with other labels"));
  return {there, false};
}

}  // namespace

Outcome<Volume> LocalVolumes::create(const std::string& name, std::uint64_t size,
                                     const Labels& labels) const {
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

Outcome<Volume> LocalVolumes::clone(const std::string& name, const Origin& origin,
                                    std::optional<std::uint64_t> size, const Labels& labels) const {
  check_name("volume", name);
  check_labels(labels);
  const ObjectLock lock = take(origin, LockMode::kShared);
  const std::uint64_t least = size_of(origin);
  check(size.value_or(least) >= least, "volume '", name, "' of ", size_text(size.value_or(0)),
        " is smaller than ", shown(origin), " of ", size_text(least));
  const Volume wanted{
      name, size.value_or(least), rfc3339_now(), origin, labels, data_of(folders_.volumes / name)};
  if (const auto there = find_volume(name)) return unchanged(*there, wanted);
  if (options_.dry_run) return {wanted};
  Staging staging = stage("clone volume", {ObjectKind::kVolume, name}, origin);
  make_object(staging, record_text(wanted));
  const CopyMethod method = copy_data(origin, staging);
  return appear(staging, wanted, std::string(scrim::name(method)));
}

Outcome<Volume> LocalVolumes::resize(const std::string& name, std::uint64_t size) const {
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

std::vector<std::string> LocalVolumes::snapshots_of(const std::string& volume,
                                                    Dependents dependents) const {
  std::vector<std::string> own;
  for (const Snapshot& one : all_snapshots()) {
    if (one.volume == volume) own.push_back(one.name);
  }
  if (dependents == Dependents::kRefuse && !own.empty()) {
    fail(ErrorCode::kRefused, "volume '", volume, "' has snapshots: ", joined(own),
         "; cascade deletes them too, keep-snapshots lets them stay");
  }
  return own;
}

void LocalVolumes::remove(const std::string& name, Dependents dependents) const {
  const Origin object{ObjectKind::kVolume, name};
  const ObjectLock lock = take(object, LockMode::kExclusive);
  refuse_used(object);
  refuse_kept(name, "");
  // No new one appears while the volume is locked.
  const std::vector<std::string> own = snapshots_of(name, dependents);
  if (options_.dry_run) return;
  if (dependents == Dependents::kCascade) {
    for (const std::string& one : own) remove_snapshot(one);
  }
  disappear("delete volume", object);
}

Volume LocalVolumes::find(const std::string& name) const {
  auto found = find_volume(name);
  if (!found) missing({ObjectKind::kVolume, name});
  return std::move(*found);
}

bool LocalVolumes::has(const std::string& name) const { return find_volume(name).has_value(); }

std::vector<Volume> LocalVolumes::all() const {
  return objects_in<Volume>(folders_.volumes, read_volume);
}

Outcome<Snapshot> LocalVolumes::create_snapshot(
    const std::string& volume, const std::string& name, const Labels& labels,
    const std::function<void(const fs::path&)>& fill) const {
  const std::string own_name = name.empty() ? dated_name(volume) : name;
  check_name("snapshot", own_name);
  check_labels(labels);
  const Origin origin{ObjectKind::kVolume, volume};
  const ObjectLock lock = take(origin, LockMode::kShared);
  const fs::path folder = folders_.snapshots / own_name;
  const Snapshot wanted{own_name, volume, size_of(origin), rfc3339_now(), labels, data_of(folder)};
  if (const auto there = read_where_there<Snapshot>(folder, read_snapshot))
    return same(*there, wanted);
  if (options_.dry_run) return {wanted};
  Staging staging = stage("create snapshot", {ObjectKind::kSnapshot, own_name}, origin);
  make_object(staging, record_text(wanted));
  if (fill) fill(staging.object());
  const CopyMethod method = copy_data(origin, staging);
  if (staging.appear_at(folder)) return {wanted, true, std::string(scrim::name(method))};
  return same(read_snapshot(folder), wanted);
}

Outcome<Volume> LocalVolumes::restore(const std::string& name) const {
  // The volume first, as whoever deletes it with its snapshots locks them.
  const Snapshot from = find_snapshot(name);
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

void LocalVolumes::remove_snapshot(const std::string& name) const {
  const Origin object{ObjectKind::kSnapshot, name};
  const ObjectLock lock = take(object, LockMode::kExclusive);
  if (!options_.dry_run) disappear("delete snapshot", object);
}

Snapshot LocalVolumes::find_snapshot(const std::string& name) const {
  check_name("snapshot", name);
  auto found = read_where_there<Snapshot>(folders_.snapshots / name, read_snapshot);
  if (!found) missing({ObjectKind::kSnapshot, name});
  return std::move(*found);
}

bool LocalVolumes::has_snapshot(const std::string& name) const {
  return read_where_there<Snapshot>(folders_.snapshots / name, read_snapshot).has_value();
}

std::vector<Snapshot> LocalVolumes::all_snapshots() const {
  return objects_in<Snapshot>(folders_.snapshots, read_snapshot);
}

std::optional<Usage> LocalVolumes::usage(const Origin& object) const {
  const ObjectLock lock = take(object, LockMode::kShared);
  return usage_of(data_of(folder_of_object(object)));
}

void LocalVolumes::step(std::string_view what) const {
  if (options_.on_step) options_.on_step(what);
}

fs::path LocalVolumes::folder_of_object(const Origin& object) const {
  check_name(name(object.kind), object.name);
  return (object.kind == ObjectKind::kVolume ? folders_.volumes : folders_.snapshots) / object.name;
}

Staging LocalVolumes::stage(const char* verb, const Origin& object,
                            const std::optional<Origin>& origin) const {
  std::vector<std::string> objects = {shown(object)};
  if (origin) objects.push_back(shown(*origin));
  return Staging(folders_.staging, verb, std::move(objects), options_.on_step);
}

void LocalVolumes::make_object(const Staging& staging, const std::string& record) const {
  step("make the object");
  if (::mkdir(staging.object().c_str(), 0777) != 0) fail_to_write(staging.object(), errno);
  step("write the record");
  write_file_atomically(record_of(staging.object()), record);
}

CopyMethod LocalVolumes::copy_data(const Origin& origin, const Staging& staging) const {
  step("copy the files");
  const CopyMethod method = copy_tree(data_of(folder_of_object(origin)), data_of(staging.object()),
                                      {.progress = options_.progress, .stop = options_.stop});
  if (method == CopyMethod::kCopy) sync_file_system(staging.object());
  return method;
}

// The volume gets its name, unless another process was faster.
Outcome<Volume> LocalVolumes::appear(Staging& staging, const Volume& wanted,
                                     const std::string& how) const {
  const fs::path folder = folders_.volumes / wanted.name;
  if (staging.appear_at(folder)) return {wanted, true, how};
  return unchanged(read_volume(folder), wanted);
}

void LocalVolumes::disappear(const char* verb, const Origin& object) const {
  Staging staging = stage(verb, object);
  staging.take_from(folder_of_object(object));
  staging.remove();
}

std::string LocalVolumes::holder_of(const Origin& object) const {
  for (const Intent& intent : intents(folders_.staging)) {
    if (std::ranges::find(intent.objects, shown(object)) == intent.objects.end()) continue;
    return sentence("process ", intent.process, " does '", intent.verb, "' since ", intent.since);
  }
  return "another process holds it";
}

std::optional<ObjectLock> LocalVolumes::try_take(const Origin& object, LockMode mode) const {
  return ObjectLock::take(folder_of_object(object), mode, options_.timeout, shown(object),
                          [&] { return holder_of(object); });
}

ObjectLock LocalVolumes::take(const Origin& object, LockMode mode) const {
  auto lock = try_take(object, mode);
  if (!lock) missing(object);
  return std::move(*lock);
}

void LocalVolumes::refuse_kept(const std::string& name, const std::string& but) const {
  for (const std::string& keeper : users_.keepers(name)) {
    if (keeper == but) continue;
    fail(ErrorCode::kRefused, "volume '", name, "' is ", keeper, "; delete that first");
  }
}

void LocalVolumes::refuse_used(const Origin& object) const {
  auto users = users_of(data_of(folder_of_object(object)));
  for (const std::string& one : users_.running(object.name)) users.push_back(one);
  if (users.empty()) return;
  fail(ErrorCode::kRefused, shown(object), " is in use by ", joined(users),
       "; end what uses it first");
}

std::uint64_t LocalVolumes::size_of(const Origin& object) const {
  const fs::path folder = folder_of_object(object);
  return object.kind == ObjectKind::kVolume ? read_volume(folder).size : read_snapshot(folder).size;
}

std::optional<Volume> LocalVolumes::find_volume(const std::string& name) const {
  check_name("volume", name);
  return read_where_there<Volume>(folders_.volumes / name, read_volume);
}

}  // namespace scrim
