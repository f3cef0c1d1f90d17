// From words to a verb that runs: finding it, reading its flags, its help.
#pragma once

#include "command/command.h"

#include <string>
#include <vector>

namespace scrim::cli {

// Runs the verb that the words (without the program's name) ask for and returns the exit code.
// Throws Error; kInvalidArgument with a suggestion for a word that is not known.
int run(const Program& program, const std::vector<std::string>& words, const Session& session);

// The help of the program, and of one verb: at most 100 columns, made for one screen.
std::string help(const Program& program);
std::string help(const Program& program, const Command& command);

// The long flags of a verb, with dashes.
std::vector<std::string> flags_of(const Command& command);

// The known word nearest to `word`, or "" if none is within a third of its letters.
std::string nearest(const std::string& word, const std::vector<std::string>& known);

}  // namespace scrim::cli
