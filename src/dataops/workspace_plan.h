// What a workspace is made of, whatever keeps it: as JSON, checked, and with changes for a clone.
#pragma once

#include <scrim/dataops.h>

#include "base/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// Throws kInvalidArgument, naming it, for a name, mount, variable or resource that is none, and for
// a password where the program is not JupyterLab.
void check_workspace(const WorkspacePlan& plan);

// The name of its own volume, and of the workspace whose volume it is; nothing for another one.
std::string workspace_volume(const std::string& workspace);
std::optional<std::string> workspace_of_volume(const std::string& volume);

// All but name, size, port and password.
SortedJson plan_json(const WorkspacePlan& plan);
// Throws nlohmann's exceptions for JSON that is none.
WorkspacePlan plan_from(const SortedJson& json);

// `base` with what `changes` gives in its place; name, size, port and password are of `changes`.
WorkspacePlan with_changes(WorkspacePlan base, const WorkspacePlan& changes);

// What a mount is called in a folder: the last name of its path.
std::string mount_name(const Mount& mount);

// The words with the port and the folder in place of "{port}" and "{folder}".
std::vector<std::string> placed(std::vector<std::string> words, std::string_view port,
                                std::string_view folder);

}  // namespace scrim
