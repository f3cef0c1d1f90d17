// Signals, streams and exit codes around the verbs of a program.
#pragma once

#include "command/command.h"

namespace scrim::cli {

// What main() returns. Ctrl-C and SIGTERM ask the verb to stop; a second one ends the process.
int run_program(const Program& program, int argc, char** argv);

}  // namespace scrim::cli
