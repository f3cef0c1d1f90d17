// Volumes and snapshots as the cluster has them: claims and volume snapshots.
//
// What Kubernetes has no field for is in annotations: docs/formats/cluster.md lists them. Claims
// and snapshots that others made, the NetApp DataOps Toolkit among them, are read as well.
#pragma once

#include <scrim/dataops.h>

#include "kube/api.h"

#include <optional>
#include <string>
#include <string_view>

namespace scrim {

inline constexpr const char* kManager = "scrim-dataops";  // of fields, and of annotations' names
inline constexpr const char* kOriginNote = "scrim-dataops/origin";  // "snapshot/NAME"
inline constexpr const char* kSizeNote = "scrim-dataops/size";      // of a snapshot's volume
inline constexpr const char* kClassNote = "scrim-dataops/storage-class";
inline constexpr const char* kModeNote = "scrim-dataops/access-mode";
// A label with the value "pending", of what an unfinished restore has made.
inline constexpr const char* kRestoreLabel = "scrim-dataops/restore";
inline constexpr const char* kRestorePending = "scrim-dataops/restore=pending";

Volume volume_of(const ApiObject& claim);
Snapshot snapshot_of(const ApiObject& snapshot);

// An annotation, or a label; empty where there is none.
std::string note_of(const ApiObject& object, const std::string& name);
std::string label_of(const ApiObject& object, const std::string& name);
std::string name_of(const ApiObject& object);
std::string uid_of(const ApiObject& object);
// Whether status.conditions holds one of that type that is True.
bool has_condition(const ApiObject& object, std::string_view type);
bool is_bound(const ApiObject& claim);
// spec.accessModes[0]
std::string access_mode_of(const ApiObject& claim);

// What a new claim asks for.
struct ClaimPlan {
  std::string name;
  std::uint64_t size = 0;
  std::string storage_class = {};  // empty: the cluster's default
  std::string access_mode;
  Labels labels = {};
  std::optional<Origin> origin = {};  // as it is noted
  std::optional<Origin> source = {};  // what the files come from, where that is another
};

ApiObject claim_for(const ClaimPlan& plan);

}  // namespace scrim
