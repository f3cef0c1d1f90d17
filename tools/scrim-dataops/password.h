// A password, from a file, from stdin, or from the person at the terminal; never from a command
// line, which others can read.
#pragma once

#include "command/command.h"

#include <string>

namespace scrim::cli {

// The first line of the file; of stdin for "-", where a terminal is asked twice and shows nothing.
// Throws kInvalidArgument for an empty one, and where the two are not the same; kNotFound without
// the file.
std::string read_password(const Session& session, const std::string& file);

}  // namespace scrim::cli
