// Other programs: where they are, and becoming one.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace scrim {

// What is set beside this process's own environment.
using Environment = std::map<std::string, std::string>;

// Makes this process, which was just forked, the program, with every signal let through; where it
// cannot be run, says so on stderr and ends with 127.
[[noreturn]] void become_program(const std::vector<std::string>& command,
                                 const Environment& environment = {});

// The file that a shell would run for the name. Throws kNotFound without one.
std::string found_program(const std::string& program);

}  // namespace scrim
