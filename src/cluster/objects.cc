#include "cluster/objects.h"

#include <algorithm>

namespace scrim {
namespace {

// Bytes of a quantity; 0 for one that is missing or not a whole number of them.
std::uint64_t bytes_of(const std::string& quantity) {
  if (quantity.empty()) return 0;
  try {
    return parse_size(quantity);
  } catch (const Error&) {
    return 0;
  }
}

std::string entry_of(const ApiObject& object, const char* map, const std::string& name) {
  const auto meta = object.find("metadata");
  if (meta == object.end() || !meta->is_object()) return "";
  const auto entries = meta->find(map);
  if (entries == meta->end() || !entries->is_object()) return "";
  const auto found = entries->find(name);
  return found != entries->end() && found->is_string() ? found->get<std::string>() : "";
}

Labels labels_of(const ApiObject& object) {
  Labels labels;
  const auto meta = object.find("metadata");
  if (meta == object.end() || !meta->is_object() || !meta->contains("labels")) return labels;
  for (const auto& [name, value] : meta->at("labels").items()) {
    if (value.is_string()) labels[name] = value.get<std::string>();
  }
  return labels;
}

std::optional<Origin> origin_of(const ApiObject& claim) {
  const std::string noted = note_of(claim, kOriginNote);
  constexpr std::string_view kSnapshot = "snapshot/", kVolume = "volume/";
  if (noted.starts_with(kSnapshot)) {
    return Origin{ObjectKind::kSnapshot, noted.substr(kSnapshot.size())};
  }
  if (noted.starts_with(kVolume)) return Origin{ObjectKind::kVolume, noted.substr(kVolume.size())};
  const std::string kind = text_at(claim, "spec.dataSource.kind");
  const std::string name = text_at(claim, "spec.dataSource.name");
  if (kind == kVolumeSnapshots.name) return Origin{ObjectKind::kSnapshot, name};
  if (kind == kVolumeClaims.name) return Origin{ObjectKind::kVolume, name};
  const std::string of_toolkit = label_of(claim, "source-pvc");
  if (!of_toolkit.empty()) return Origin{ObjectKind::kVolume, of_toolkit};
  return std::nullopt;
}

std::string state_of(const ApiObject& claim) {
  if (!text_at(claim, "metadata.deletionTimestamp").empty()) return "Terminating";
  const std::string phase = text_at(claim, "status.phase");
  return phase.empty() ? "Pending" : phase;
}

}  // namespace

std::string note_of(const ApiObject& object, const std::string& name) {
  return entry_of(object, "annotations", name);
}
std::string label_of(const ApiObject& object, const std::string& name) {
  return entry_of(object, "labels", name);
}
std::string name_of(const ApiObject& object) { return text_at(object, "metadata.name"); }
std::string uid_of(const ApiObject& object) { return text_at(object, "metadata.uid"); }

bool has_condition(const ApiObject& object, std::string_view type) {
  const auto all = object.value("/status/conditions"_json_pointer, ApiObject::array());
  return std::ranges::any_of(all, [&](const ApiObject& one) {
    return text_at(one, "type") == type && text_at(one, "status") == "True";
  });
}

bool is_bound(const ApiObject& claim) { return text_at(claim, "status.phase") == "Bound"; }

std::string access_mode_of(const ApiObject& claim) {
  const auto spec = claim.find("spec");
  if (spec == claim.end() || !spec->is_object()) return "";
  const auto modes = spec->find("accessModes");
  const bool has_one =
      modes != spec->end() && modes->is_array() && !modes->empty() && modes->front().is_string();
  return has_one ? modes->front().get<std::string>() : "";
}

Volume volume_of(const ApiObject& claim) {
  return {.name = name_of(claim),
          .size = bytes_of(text_at(claim, "spec.resources.requests.storage")),
          .created = text_at(claim, "metadata.creationTimestamp"),
          .origin = origin_of(claim),
          .labels = labels_of(claim),
          .storage_class = text_at(claim, "spec.storageClassName"),
          .state = state_of(claim)};
}

Snapshot snapshot_of(const ApiObject& snapshot) {
  const std::string taken = text_at(snapshot, "status.creationTime");
  const std::string noted = note_of(snapshot, kSizeNote);
  const auto status = snapshot.find("status");
  const bool known = status != snapshot.end() && status->is_object();
  const bool ready = known && status->contains("readyToUse") && status->at("readyToUse") == true;
  const bool failed = known && status->contains("error") && status->at("error").is_object();
  return {.name = name_of(snapshot),
          .volume = text_at(snapshot, "spec.source.persistentVolumeClaimName"),
          .size = bytes_of(noted.empty() ? text_at(snapshot, "status.restoreSize") : noted),
          .created = taken.empty() ? text_at(snapshot, "metadata.creationTimestamp") : taken,
          .labels = labels_of(snapshot),
          .storage_class = note_of(snapshot, kClassNote),
          .state = ready    ? "Ready"
                   : failed ? "Failed"
                            : "Pending"};
}

ApiObject claim_for(const ClaimPlan& plan) {
  ApiObject claim = {{"metadata", {{"name", plan.name}}},
                     {"spec",
                      {{"accessModes", {plan.access_mode}},
                       {"resources", {{"requests", {{"storage", size_text(plan.size)}}}}}}}};
  if (!plan.labels.empty()) claim["metadata"]["labels"] = plan.labels;
  if (!plan.storage_class.empty()) claim["spec"]["storageClassName"] = plan.storage_class;
  if (!plan.origin) return claim;
  const Origin& files = plan.source ? *plan.source : *plan.origin;
  const bool from_snapshot = files.kind == ObjectKind::kSnapshot;
  claim["metadata"]["annotations"][kOriginNote] =
      std::string(name(plan.origin->kind)) + "/" + plan.origin->name;
  ApiObject& source = claim["spec"]["dataSource"];
  source["kind"] = from_snapshot ? kVolumeSnapshots.name : kVolumeClaims.name;
  source["name"] = files.name;
  if (from_snapshot) source["apiGroup"] = kVolumeSnapshots.group;
  return claim;
}

}  // namespace scrim
