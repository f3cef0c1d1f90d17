// A program that goes on when the tool has ended, and is started again when it fails.
#pragma once

#include "base/program.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace scrim {

// What is known of a supervised program. Both are pids; the program's changes when it is restarted.
struct Supervised {
  long supervisor = 0;
  long program = 0;
};

struct SupervisedProgram {
  std::vector<std::string> command;
  Environment environment = {};       // beside this process's own
  std::filesystem::path folder = {};  // where it works; empty: where this process does
};

// Starts the program in a session of its own, with stdout and stderr appended to FOLDER/log, stdin
// empty and the descriptors of this process closed. Its supervisor holds a lock on FOLDER/alive
// while it lives, so that no other start and no reused pid is taken for it; where the program
// fails, it is started again after 1, 2, 4 ... 30 seconds. Throws kUnavailable where one runs
// already.
void start_supervised(const std::filesystem::path& folder, const SupervisedProgram& program);

// Nothing where none runs.
std::optional<Supervised> find_supervised(const std::filesystem::path& folder);

// Asks the program to end (SIGTERM), waits for it and its supervisor; after `grace_seconds` it is
// killed. False where none ran. Throws kUnavailable where it stays ten seconds longer.
bool stop_supervised(const std::filesystem::path& folder, double grace_seconds);

// The last line of FOLDER/log that is not empty; "" without one.
std::string last_log_line(const std::filesystem::path& folder);

}  // namespace scrim
