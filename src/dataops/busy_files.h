// Which processes of this machine use the files of a folder.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

// "python3 (pid 12)" for each process, but this one, that has a file below the folder open or
// mapped, or stands in it; by pid. Processes of others are seen by root alone.
std::vector<std::string> users_of(const std::filesystem::path& folder);

}  // namespace scrim
