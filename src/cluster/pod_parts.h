// Parts that pods of several kinds have.
#pragma once

#include <scrim/dataops.h>

#include "kube/api.h"

namespace scrim {

// What a container gets is what it asks for.
inline void add_resources(const Labels& resources, ApiObject& container) {
  if (resources.empty()) return;
  container["resources"] = {{"requests", resources}, {"limits", resources}};
}

// /dev/shm as large as the memory: what a runtime gives is too small for loaders of data.
inline ApiObject shared_memory() { return {{"name", "shm"}, {"emptyDir", {{"medium", "Memory"}}}}; }
inline ApiObject shared_memory_mount() { return {{"name", "shm"}, {"mountPath", "/dev/shm"}}; }

}  // namespace scrim
