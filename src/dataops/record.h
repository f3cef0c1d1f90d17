// What is known of an object beside its files: one JSON file in its folder. docs/formats/volumes.md
// lists the fields.
#pragma once

#include <scrim/dataops.h>

#include "base/json.h"

#include <filesystem>
#include <string>

namespace scrim {

// FOLDER/record.json. The files are in FOLDER/data, which becomes the path. Throws kCorrupt, naming
// the object, for a file that is no record of it, kNotFound without one.
Volume read_volume(const std::filesystem::path& folder);
Snapshot read_snapshot(const std::filesystem::path& folder);

std::string record_text(const Volume& volume);
std::string record_text(const Snapshot& snapshot);

std::filesystem::path record_of(const std::filesystem::path& folder);
std::filesystem::path data_of(const std::filesystem::path& folder);

}  // namespace scrim
