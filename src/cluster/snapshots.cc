#include "cluster/snapshots.h"

#include "base/check.h"
#include "cluster/claims.h"
#include "cluster/objects.h"
#include "dataops/names.h"

#include <algorithm>

namespace scrim {
namespace {

Outcome<Snapshot> same(const ClusterWork& work, const ApiObject& snapshot,
                       const std::string& volume, const Labels& labels) {
  const Snapshot there = snapshot_of(snapshot);
  const bool labelled = std::ranges::includes(there.labels, labels);
  check(there.volume == volume && labelled, "there is a snapshot '", there.name,
        "' already, of volume '", there.volume, "'", labelled ? "" : " and with other labels");
  return {work.waits() ? snapshot_of(ready_snapshot(work, there.name)) : there, false};
}

}  // namespace

ApiObject snapshot_object(const ClusterWork& work, const std::string& name) {
  check_name("snapshot", name);
  if (!work.api.version_of(kVolumeSnapshots.group)) {
    fail(ErrorCode::kNotFound, "there is no snapshot '", name,
         "', since this cluster has no API group '", kVolumeSnapshots.group, "'");
  }
  auto snapshot = work.api.find(kVolumeSnapshots, name);
  if (!snapshot) {
    work.check_space();
    fail(ErrorCode::kNotFound, "there is no snapshot '", name, "'");
  }
  return std::move(*snapshot);
}

ApiObject ready_snapshot(const ClusterWork& work, const std::string& name) {
  snapshot_object(work, name);
  return work.wait_for(kVolumeSnapshots, name, "snapshot '" + name + "'",
                       [&](const ApiObject& one) {
                         const std::string state = snapshot_of(one).state;
                         if (state == "Failed") {
                           fail(ErrorCode::kUnavailable, "snapshot '", name,
                                "' has failed: ", text_at(one, "status.error.message"));
                         }
                         return state == "Ready";
                       });
}

Outcome<Snapshot> make_snapshot(const ClusterWork& work, const std::string& volume,
                                const std::string& name, const Labels& labels,
                                const Labels& notes) {
  const std::string own_name = name.empty() ? dated_name(volume) : name;
  check_name("snapshot", own_name);
  check_labels(labels);
  const ApiObject claim = claim_of(work, volume);
  ApiObject wanted = {{"metadata",
                       {{"name", own_name},
                        {"annotations",
                         {{kSizeNote, size_text(volume_of(claim).size)},
                          {kClassNote, text_at(claim, "spec.storageClassName")},
                          {kModeNote, access_mode_of(claim)}}}}},
                      {"spec", {{"source", {{"persistentVolumeClaimName", volume}}}}}};
  for (const auto& [note, text] : notes) wanted["metadata"]["annotations"][note] = text;
  if (!labels.empty()) wanted["metadata"]["labels"] = labels;
  if (!work.options.snapshot_class.empty()) {
    wanted["spec"]["volumeSnapshotClassName"] = work.options.snapshot_class;
  }
  if (const auto there = work.api.find(kVolumeSnapshots, own_name)) {
    return same(work, *there, volume, labels);
  }
  work.step("make the snapshot");
  const auto made = work.api.create(kVolumeSnapshots, wanted);
  if (!made) return same(work, *work.api.find(kVolumeSnapshots, own_name), volume, labels);
  if (!work.waits()) return {snapshot_of(*made)};
  return {snapshot_of(work.undone_on_failure(kVolumeSnapshots, *made,
                                             [&] { return ready_snapshot(work, own_name); }))};
}

}  // namespace scrim
