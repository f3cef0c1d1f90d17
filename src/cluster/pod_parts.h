// Parts that pods of several kinds have. Where the program is not ours they share one space of
// process numbers: as process 1 a program that has no handler of SIGTERM does not end by it, and
// every stop would take the half minute until it is killed.
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

// Its last words on the error stream are the message of a container that fails.
inline constexpr const char* kLastWords = "FallbackToLogsOnError";

}  // namespace scrim
