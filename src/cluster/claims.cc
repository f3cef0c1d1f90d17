#include "cluster/claims.h"

#include "base/check.h"
#include "base/text.h"
#include "cluster/objects.h"
#include "cluster/restore.h"
#include "cluster/snapshots.h"
#include "cluster/users.h"
#include "dataops/names.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr const char* kDefaultMode = "ReadWriteOnce";
constexpr const char* kBetween = ".for-clone";  // ends the name of the snapshot of a clone

// The driver makes no volume from a volume; from a snapshot it may.
struct CannotClone {};

std::string volume_words(const std::string& name) { return "volume '" + name + "'"; }

std::string mode_or(const ClusterWork& work, const std::string& otherwise) {
  return work.options.access_mode.empty() ? otherwise : work.options.access_mode;
}

ClaimPlan plan_of_volume(const ClusterWork& work, const std::string& name) {
  const ApiObject claim = claim_of(work, name);
  const Volume volume = volume_of(claim);
  check(work.options.storage_class.empty() || work.options.storage_class == volume.storage_class,
        "a clone has the class of its volume, '", volume.storage_class, "', not '",
        work.options.storage_class, "'");
  return {.name = {},
          .size = volume.size,
          .storage_class = volume.storage_class,
          .access_mode = mode_or(work, access_mode_of(claim))};
}

// The class and the mode are noted on the snapshot; of one that others made, they are those of
// its volume, where that is still there.
ClaimPlan plan_of_snapshot(const ClusterWork& work, const std::string& name) {
  const ApiObject snapshot =
      work.options.dry_run ? snapshot_object(work, name) : ready_snapshot(work, name);
  std::string storage_class = note_of(snapshot, kClassNote);
  std::string mode = note_of(snapshot, kModeNote);
  if (storage_class.empty() || mode.empty()) {
    const auto claim = work.api.find(kVolumeClaims, snapshot_of(snapshot).volume);
    if (claim) {
      storage_class = text_at(*claim, "spec.storageClassName");
      mode = access_mode_of(*claim);
    }
  }
  if (!work.options.storage_class.empty()) storage_class = work.options.storage_class;
  const std::uint64_t size = snapshot_of(snapshot).size;
  check(size > 0, "snapshot '", name, "' does not say its size");
  return {.name = {},
          .size = size,
          .storage_class = storage_class,
          .access_mode = mode_or(work, mode.empty() ? kDefaultMode : mode)};
}

bool binds_late(const ClusterWork& work, const std::string& storage_class) {
  return allowed_or(false, [&] {
    const auto found = work.api.find(kStorageClasses, storage_class);
    return found && text_at(*found, "volumeBindingMode") == "WaitForFirstConsumer";
  });
}

// The claim as it is when it is bound, or when only a pod is missing for that.
ApiObject bound(const ClusterWork& work, const ApiObject& claim, bool from_volume) {
  const std::string storage_class = text_at(claim, "spec.storageClassName");
  if (is_bound(claim)) return claim;
  if (storage_class.empty() && text_at(claim, "spec.volumeName").empty()) {
    fail(ErrorCode::kInvalidArgument,
         "the cluster has no default storage class: name one for volume '", name_of(claim), "'");
  }
  if (binds_late(work, storage_class)) {
    if (work.options.on_news) {
      work.options.on_news(volume_words(name_of(claim)) + " is made when the first pod uses it");
    }
    return claim;
  }
  const auto on_word = [&](const std::string& word) {
    if (from_volume && word.starts_with("ProvisioningFailed")) throw CannotClone();
  };
  return work.wait_for(kVolumeClaims, name_of(claim), volume_words(name_of(claim)), is_bound,
                       on_word);
}

// A claim of a class that is not there would wait for ever.
void check_class(const ClusterWork& work, const std::string& storage_class) {
  if (storage_class.empty()) return;
  const auto is_there = [&] { return work.api.find(kStorageClasses, storage_class).has_value(); };
  if (allowed_or(true, is_there)) return;
  std::vector<std::string> names;
  for (const ApiObject& one : work.api.list(kStorageClasses)) names.push_back(name_of(one));
  fail(ErrorCode::kNotFound, "there is no storage class '", storage_class,
       "'; there are: ", joined(names));
}

Outcome<Volume> unchanged(const ClusterWork& work, const ApiObject& claim, const ClaimPlan& plan) {
  const Volume there = volume_of(claim);
  const auto from = [](const std::optional<Origin>& origin) {
    return origin ? sentence(scrim::name(origin->kind), " '", origin->name, "'")
                  : std::string("nothing");
  };
  const bool labelled = std::ranges::includes(there.labels, plan.labels);
  const bool classed = plan.storage_class.empty() || plan.storage_class == there.storage_class;
  check(there.size == plan.size && from(there.origin) == from(plan.origin) && labelled && classed,
        "there is a volume '", plan.name, "' already, of ", size_text(there.size), ", from ",
        from(there.origin), " and of class '", there.storage_class, "'",
        labelled ? "" : ", with other labels");
  return {work.waits() ? volume_of(bound(work, claim, false)) : there, false};
}

Outcome<Volume> make_volume(const ClusterWork& work, const ClaimPlan& plan) {
  if (const auto there = find_claim(work, plan.name)) return unchanged(work, *there, plan);
  check_class(work, plan.storage_class);
  work.step("make the claim");
  const auto made = work.api.create(kVolumeClaims, claim_for(plan));
  if (!made) return unchanged(work, claim_of(work, plan.name), plan);
  if (!work.waits()) return {volume_of(*made)};
  const bool from_volume = plan.origin && !plan.source && plan.origin->kind == ObjectKind::kVolume;
  try {
    return {volume_of(work.undone_on_failure(kVolumeClaims, *made,
                                             [&] { return bound(work, *made, from_volume); }))};
  } catch (const CannotClone&) {
    work.undo(kVolumeClaims, *made);
    throw;
  }
}

void remove_between(const ClusterWork& work, const std::string& between) {
  if (!work.api.version_of(kVolumeSnapshots.group)) return;
  const auto left = work.api.find(kVolumeSnapshots, between);
  if (left) work.api.remove(kVolumeSnapshots, between, uid_of(*left));
}

// For drivers that make volumes from snapshots only: one that goes when the clone is there.
Outcome<Volume> clone_through_snapshot(const ClusterWork& work, ClaimPlan plan,
                                       const std::string& between) {
  const Origin origin = *plan.origin;
  check_name("snapshot", between);
  make_snapshot(work, origin.name, between, {});
  plan.source = Origin{ObjectKind::kSnapshot, between};
  Outcome<Volume> made = make_volume(work, plan);
  remove_between(work, between);
  return made;
}

bool has_capacity(const ApiObject& claim, std::uint64_t size) {
  const std::string capacity = text_at(claim, "status.capacity.storage");
  return !capacity.empty() && parse_size(capacity) >= size;
}

}  // namespace

std::optional<ApiObject> find_claim(const ClusterWork& work, const std::string& name) {
  check_name("volume", name);
  auto claim = work.api.find(kVolumeClaims, name);
  const auto is_between = [](const ApiObject& one) {  // two steps of a restore, perhaps
    const bool waits_for_its_volume = !is_bound(one) && !text_at(one, "spec.volumeName").empty();
    return waits_for_its_volume || !text_at(one, "metadata.deletionTimestamp").empty();
  };
  if (work.options.dry_run || (claim && !is_between(*claim))) return claim;
  if (auto restored = end_restore(work, name)) return restored;
  return claim;
}

ApiObject claim_of(const ClusterWork& work, const std::string& name) {
  auto claim = find_claim(work, name);
  if (!claim) {
    work.check_space();
    fail(ErrorCode::kNotFound, "there is no volume '", name, "'");
  }
  return std::move(*claim);
}

Outcome<Volume> create_volume(const ClusterWork& work, const std::string& name, std::uint64_t size,
                              const Labels& labels) {
  check_name("volume", name);
  check_labels(labels);
  check(size > 0, "the size of volume '", name, "' is 0, not above");
  return make_volume(work, {.name = name,
                            .size = size,
                            .storage_class = work.options.storage_class,
                            .access_mode = mode_or(work, kDefaultMode),
                            .labels = labels});
}

Outcome<Volume> clone_volume(const ClusterWork& work, const std::string& name, const Origin& origin,
                             std::optional<std::uint64_t> size, const Labels& labels) {
  check_name("volume", name);
  check_labels(labels);
  ClaimPlan plan = origin.kind == ObjectKind::kVolume ? plan_of_volume(work, origin.name)
                                                      : plan_of_snapshot(work, origin.name);
  check(size.value_or(plan.size) >= plan.size, "volume '", name, "' of ",
        size_text(size.value_or(0)), " is smaller than ", scrim::name(origin.kind), " '",
        origin.name, "' of ", size_text(plan.size));
  plan.name = name;
  plan.size = size.value_or(plan.size);
  plan.labels = labels;
  plan.origin = origin;
  const std::string between = name + kBetween;
  try {
    Outcome<Volume> made = make_volume(work, plan);
    if (!made.changed && origin.kind == ObjectKind::kVolume) remove_between(work, between);
    return made;
  } catch (const CannotClone&) {
    return clone_through_snapshot(work, plan, between);
  }
}

Outcome<Volume> resize_volume(const ClusterWork& work, const std::string& name,
                              std::uint64_t size) {
  const Volume there = volume_of(claim_of(work, name));
  if (there.size == size) return {there, false};
  check(size > there.size, "volume '", name, "' of ", size_text(there.size),
        " cannot become smaller, ", size_text(size), ": Kubernetes only lets volumes grow");
  work.step("ask for the size");
  const ApiObject changed =
      work.api.change(kVolumeClaims, name, [&](const ApiObject&) -> ApiObject {
        return {{"spec", {{"resources", {{"requests", {{"storage", size_text(size)}}}}}}}};
      });
  if (!work.waits()) return {volume_of(changed)};
  // Where the file system grows when a pod mounts it, there is nothing more to wait for.
  const auto has_grown = [&](const ApiObject& claim) {
    return has_capacity(claim, size) || has_condition(claim, "FileSystemResizePending");
  };
  return {volume_of(
      work.wait_for(kVolumeClaims, name, "the growth of " + volume_words(name), has_grown))};
}

}  // namespace scrim
