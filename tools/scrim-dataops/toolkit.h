// The command lines of the NetApp DataOps Toolkit, and what it prints.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace scrim::cli {

// Its words in the words of this program; others unchanged.
std::vector<std::string> from_toolkit(const std::vector<std::string>& words);

// Whether it is a command of it that prints lines.
bool has_toolkit_lines(const std::string& command);
// What it prints when that command of it ("create volume") has made the object.
std::string toolkit_lines(const std::string& command, const nlohmann::ordered_json& object);

}  // namespace scrim::cli
