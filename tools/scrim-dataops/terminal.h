// What a person types.
#pragma once

#include "command/command.h"

#include <string>

namespace scrim::cli {

// A line of stdin, without its end; at most 4,096 bytes of it. Ctrl-C ends the wait: throws
// kRefused, "nothing was changed".
std::string typed_line(const Session& session);

}  // namespace scrim::cli
