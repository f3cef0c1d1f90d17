// What came from what, and what runs over it, as far as the records say.
#pragma once

#include "output.h"

#include <scrim/dataops.h>

#include <string>
#include <vector>

namespace scrim::cli {

// Names, sorted: the snapshots of a volume, and the other volumes that began as copies of an object
// or of one of its snapshots.
std::vector<std::string> snapshots_of(DataOps& engine, const std::string& volume);
std::vector<std::string> clones_of(DataOps& engine, const Origin& object);
// The servers and workspaces over a volume: "server faces", "workspace live-inference".
std::vector<std::string> users_of(DataOps& engine, const std::string& volume);

// The whole tree, each object behind what it came from: "name", "kind", "depth" and "is", how it
// belongs there. What is gone and has something below it is there too, and says so.
std::vector<Json> lineage(DataOps& engine);

}  // namespace scrim::cli
