// A program that is run to its end.
#pragma once

#include "base/program.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

struct ProgramFiles {
  std::filesystem::path output;  // stdout
  std::filesystem::path log;     // stderr
};

// Runs `command`, with `environment` beside this process's own and stdin empty, and returns its
// exit code, or 128 + N where signal N ended it; 127 where it cannot be run. Each line of its
// stderr goes to `on_line` too, when it is whole. A stop ends it with SIGTERM, and so does the end
// of this process. Throws kUnavailable where a file cannot be written.
int run_program(const std::vector<std::string>& command, const ProgramFiles& files,
                const std::function<void(const std::string&)>& on_line, std::stop_token stop,
                const Environment& environment = {});

}  // namespace scrim
