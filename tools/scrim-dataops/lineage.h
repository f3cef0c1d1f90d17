// What came from what, as far as the records say.
#pragma once

#include <scrim/dataops.h>

#include <string>
#include <vector>

namespace scrim::cli {

// Names, sorted: the snapshots of a volume, and the other volumes that began as copies of an object
// or of one of its snapshots.
std::vector<std::string> snapshots_of(DataOps& engine, const std::string& volume);
std::vector<std::string> clones_of(DataOps& engine, const Origin& object);

}  // namespace scrim::cli
