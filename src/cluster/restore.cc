#include "cluster/restore.h"

#include "base/check.h"
#include "base/hash.h"
#include "cluster/objects.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr const char* kJournalNote = "scrim-dataops/restore-journal";
constexpr const char* kPolicyNote = "scrim-dataops/reclaim-policy";  // of files that are kept
constexpr std::size_t kDigitsOfName = 16;

// What the restored claim will be, and what it takes the place of.
//
//   snapshot, volume, namespace  names
//   claim                        metadata (labels, annotations) and spec of the new claim
//   old                          uid, volume (its persistent volume), policy: of the old claim
//   removing                     true when the old claim may be gone by this restore's doing
//   policy                       of the new persistent volume, when all is done
using Journal = ApiObject;

std::string staged_name(const std::string& volume, const std::string& snapshot) {
  return "restore-" + hex(sha256(volume + "/" + snapshot)).substr(0, kDigitsOfName);
}

// Annotations that belong to this claim and its binding, and to nobody who takes its place.
bool is_of_binding(const std::string& note) {
  return note.find("kubernetes.io/") != std::string::npos || note.starts_with(kManager);
}

Journal journal_for(const ApiObject& snapshot, const ApiObject& claim, std::uint64_t size) {
  const ApiObject& spec = claim.at("spec");
  ApiObject restored = {{"metadata", ApiObject::object()},
                        {"spec", {{"resources", {{"requests", {{"storage", size_text(size)}}}}}}}};
  for (const char* same : {"accessModes", "storageClassName", "volumeMode"}) {
    if (spec.contains(same)) restored["spec"][same] = spec.at(same);
  }
  const ApiObject& meta = claim.at("metadata");
  if (meta.contains("labels")) restored["metadata"]["labels"] = meta.at("labels");
  const ApiObject notes = meta.value("annotations", ApiObject::object());
  for (const auto& [name, value] : notes.items()) {
    if (!is_of_binding(name)) restored["metadata"]["annotations"][name] = value;
  }
  return {{"snapshot", name_of(snapshot)},
          {"volume", name_of(claim)},
          {"namespace", text_at(claim, "metadata.namespace")},
          {"claim", std::move(restored)},
          {"old", {{"uid", uid_of(claim)}, {"volume", text_at(claim, "spec.volumeName")}}}};
}

Journal journal_of(const ApiObject& object) {
  const std::string text = note_of(object, kJournalNote);
  if (text.empty()) {
    fail(ErrorCode::kCorrupt, "'", name_of(object),
         "' is of a restore, and has lost the note of it");
  }
  return parse_sorted_json(text, "the note of a restore on '" + name_of(object) + "'");
}

class Restore {
 public:
  Restore(const ClusterWork& work, Journal journal)
      : work_(work),
        api_(work.api),
        journal_(std::move(journal)),
        volume_(text_at(journal_, "volume")),
        snapshot_(text_at(journal_, "snapshot")),
        what_("restore of snapshot '" + snapshot_ + "'") {}

  // The first half: the files, in a claim of their own. A failure here leaves everything as it was.
  void stage() {
    work_.step("make the new files");
    ApiObject claim = journal_["claim"];
    claim["metadata"]["name"] = staged();
    claim["metadata"]["labels"] = {{kRestoreLabel, "pending"}};
    claim["metadata"]["annotations"] = {{kJournalNote, journal_.dump()}};
    if (!node_.empty()) claim["metadata"]["annotations"][kNodeNote] = node_;
    claim["spec"]["dataSource"] = {
        {"apiGroup", kVolumeSnapshots.group}, {"kind", kVolumeSnapshots.name}, {"name", snapshot_}};
    api_.create(kVolumeClaims, std::move(claim));
  }

  // The claim that waits for a node when it is bound late is told that of the old one.
  void set_node(const ApiObject& old_claim) { node_ = note_of(old_claim, kNodeNote); }

  // From a staged claim, whatever has been done since.
  ApiObject go_on_from_claim(const ApiObject& staged_claim) {
    const bool is_new = !is_bound(staged_claim);
    std::string bound_to;
    try {
      const ApiObject bound = work_.wait_for(kVolumeClaims, staged(), what_, is_bound);
      bound_to = text_at(bound, "spec.volumeName");
    } catch (const Error&) {
      if (is_new) api_.remove(kVolumeClaims, staged(), uid_of(staged_claim));
      throw;
    }
    keep_new_files(bound_to);
    return go_on_from_volume(bound_to);
  }

  // From the persistent volume with the new files, which has the journal.
  ApiObject go_on_from_volume(const std::string& new_volume) {
    let_go_of_staged();
    remove_old_claim(new_volume);
    ApiObject claim = bind(new_volume);
    clean_up(new_volume);
    return claim;
  }

  std::string staged() const { return staged_name(volume_, snapshot_); }

 private:
  static constexpr const char* kNodeNote = "volume.kubernetes.io/selected-node";

  // From here on the new files do not go with their claim, and the journal is with them.
  void keep_new_files(const std::string& new_volume) {
    const std::string old_volume = text_at(journal_, "old.volume");
    if (!old_volume.empty()) {
      const auto old = api_.find(kPersistentVolumes, old_volume);
      if (old) journal_["old"]["policy"] = policy_of(*old);
    }
    work_.step("keep the new files");
    api_.change(kPersistentVolumes, new_volume, [&](const ApiObject& volume) -> ApiObject {
      if (!note_of(volume, kJournalNote).empty()) {
        journal_ = journal_of(volume);
        return {};
      }
      journal_["policy"] = text_at(volume, "spec.persistentVolumeReclaimPolicy");
      return {{"metadata",
               {{"labels", {{kRestoreLabel, "pending"}}},
                {"annotations", {{kJournalNote, journal_.dump()}}}}},
              {"spec", {{"persistentVolumeReclaimPolicy", "Retain"}}}};
    });
  }

  // The policy that a persistent volume has when no restore keeps its files.
  static std::string policy_of(const ApiObject& volume) {
    const std::string noted = note_of(volume, kPolicyNote);
    return noted.empty() ? text_at(volume, "spec.persistentVolumeReclaimPolicy") : noted;
  }

  void keep(const std::string& volume) {
    api_.change(kPersistentVolumes, volume, [](const ApiObject& there) -> ApiObject {
      if (!note_of(there, kPolicyNote).empty()) return {};
      return {{"metadata", {{"annotations", {{kPolicyNote, policy_of(there)}}}}},
              {"spec", {{"persistentVolumeReclaimPolicy", "Retain"}}}};
    });
  }

  void give_up(const std::string& volume, const std::string& policy) {
    api_.change(kPersistentVolumes, volume, [&](const ApiObject& there) -> ApiObject {
      if (note_of(there, kPolicyNote).empty()) return {};
      return {{"metadata", {{"annotations", {{kPolicyNote, nullptr}}}}},
              {"spec", {{"persistentVolumeReclaimPolicy", policy}}}};
    });
  }

  void let_go_of_staged() {
    const auto claim = api_.find(kVolumeClaims, staged());
    if (!claim) return;
    work_.step("let go of the new files");
    api_.remove(kVolumeClaims, staged(), uid_of(*claim));
    work_.wait_gone(kVolumeClaims, *claim, what_);
  }

  void remove_old_claim(const std::string& new_volume) {
    const auto claim = api_.find(kVolumeClaims, volume_);
    if (!claim || text_at(*claim, "spec.volumeName") == new_volume) return;
    if (uid_of(*claim) != text_at(journal_, "old.uid")) {
      if (!text_at(*claim, "metadata.deletionTimestamp").empty()) {
        return work_.wait_gone(kVolumeClaims, *claim, what_);
      }
      if (!journal_.contains("removing")) give_way(new_volume);
      refuse_other_claim(new_volume);
    }
    if (!text_at(journal_, "old.policy").empty()) {
      work_.step("keep the old files");
      keep(text_at(journal_, "old.volume"));
    }
    work_.step("note the removal");
    journal_["removing"] = true;
    api_.change(kPersistentVolumes, new_volume, [&](const ApiObject&) -> ApiObject {
      return {{"metadata", {{"annotations", {{kJournalNote, journal_.dump()}}}}}};
    });
    work_.step("remove the old claim");
    api_.remove(kVolumeClaims, volume_, uid_of(*claim));
    work_.wait_gone(kVolumeClaims, *claim, what_);
  }

  // The claim first: nobody else's claim of that name can then take the new files.
  ApiObject bind(const std::string& new_volume) {
    work_.step("make the claim");
    ApiObject wanted = journal_["claim"];
    wanted["metadata"]["name"] = volume_;
    wanted["spec"]["volumeName"] = new_volume;
    api_.create(kVolumeClaims, std::move(wanted));
    const auto claim = api_.find(kVolumeClaims, volume_);
    if (!claim || text_at(*claim, "spec.volumeName") != new_volume) refuse_other_claim(new_volume);
    work_.step("hand the new files over");
    api_.change(kPersistentVolumes, new_volume, [&](const ApiObject& volume) -> ApiObject {
      if (text_at(volume, "spec.claimRef.name") == volume_) return {};
      return {{"metadata", {{"annotations", {{"pv.kubernetes.io/bound-by-controller", nullptr}}}}},
              {"spec",
               {{"claimRef",
                 {{"name", volume_},
                  {"namespace", text_at(journal_, "namespace")},
                  {"uid", nullptr},
                  {"resourceVersion", nullptr}}}}}};
    });
    work_.wait_for(kPersistentVolumes, new_volume, what_, [](const ApiObject& volume) {
      const std::string phase = text_at(volume, "status.phase");
      return phase == "Available" || phase == "Bound";
    });
    // The binder has seen the volume; a change of the claim makes it look at that now, and not at
    // the end of its period.
    work_.step("name the origin");
    api_.change(kVolumeClaims, volume_, [&](const ApiObject& there) -> ApiObject {
      if (!note_of(there, kOriginNote).empty()) return {};
      return {{"metadata", {{"annotations", {{kOriginNote, "snapshot/" + snapshot_}}}}}};
    });
    return work_.wait_for(kVolumeClaims, volume_, what_, is_bound);
  }

  // Somebody was faster, and put another claim in the place of the old one: theirs stays.
  [[noreturn]] void give_way(const std::string& new_volume) {
    forget(new_volume);
    fail(ErrorCode::kUnavailable, "volume '", volume_, "' was made anew by somebody else while ",
         "snapshot '", snapshot_, "' was restored; nothing was changed");
  }

  [[noreturn]] void refuse_other_claim(const std::string& new_volume) const {
    fail(ErrorCode::kRefused, "somebody has made a volume '", volume_, "' while snapshot '",
         snapshot_, "' was restored, whose files are in persistent volume '", new_volume,
         "': delete it, and run the restore again");
  }

  // The old files go now, where their class says so.
  void clean_up(const std::string& new_volume) {
    const std::string old_volume = text_at(journal_, "old.volume");
    const std::string old_policy = text_at(journal_, "old.policy");
    if (!old_policy.empty()) {
      work_.step("give up the old files");
      try {
        give_up(old_volume, old_policy);
      } catch (const Error& error) {  // gone meanwhile
        if (error.code() != ErrorCode::kNotFound) throw;
      }
    }
    forget(new_volume);
  }

  // The new persistent volume is one like all others from here on.
  void forget(const std::string& new_volume) {
    work_.step("forget the restore");
    api_.change(kPersistentVolumes, new_volume, [&](const ApiObject& volume) -> ApiObject {
      if (label_of(volume, kRestoreLabel).empty()) return {};
      return {
          {"metadata",
           {{"labels", {{kRestoreLabel, nullptr}}}, {"annotations", {{kJournalNote, nullptr}}}}},
          {"spec", {{"persistentVolumeReclaimPolicy", text_at(journal_, "policy")}}}};
    });
  }

  const ClusterWork& work_;
  Api& api_;
  Journal journal_;
  const std::string volume_, snapshot_, what_;
  std::string node_;
};

// What has the journal of an unfinished restore of `volume`: the persistent volume, or before there
// is one the staged claim.
std::optional<ApiObject> pending_in(Api& api, const ApiKind& kind, const std::string& volume) {
  for (ApiObject& object : api.list(kind, {.labels = kRestorePending, .fields = {}})) {
    const Journal journal = journal_of(object);
    if (text_at(journal, "volume") == volume && text_at(journal, "namespace") == api.space()) {
      return std::move(object);
    }
  }
  return std::nullopt;
}

}  // namespace

ApiObject restore_over(const ClusterWork& work, const ApiObject& snapshot, const ApiObject& claim) {
  if (!work.api.may("patch", kPersistentVolumes)) {
    fail(ErrorCode::kRefused,
         "a restore exchanges persistent volumes, and who asks may not patch them: see "
         "'scrim-dataops show role'");
  }
  const std::uint64_t size = std::max(snapshot_of(snapshot).size, volume_of(claim).size);
  Restore restore(work, journal_for(snapshot, claim, size));
  restore.set_node(claim);
  restore.stage();
  const auto staged = work.api.find(kVolumeClaims, restore.staged());
  if (!staged) fail(ErrorCode::kNotFound, "somebody has deleted the claim of a restore");
  return restore.go_on_from_claim(*staged);
}

std::optional<ApiObject> end_restore(const ClusterWork& work, const std::string& volume) {
  // Who may not look at persistent volumes began no restore.
  const auto kept =
      allowed_or({}, [&] { return pending_in(work.api, kPersistentVolumes, volume); });
  if (kept) return Restore(work, journal_of(*kept)).go_on_from_volume(name_of(*kept));
  if (const auto staged = pending_in(work.api, kVolumeClaims, volume)) {
    return Restore(work, journal_of(*staged)).go_on_from_claim(*staged);
  }
  return std::nullopt;
}

}  // namespace scrim
