// A verb as a row of a table: its name, its help, and what it does.
#pragma once

#include <scrim/status.h>

#include <CLI/CLI.hpp>

#include <functional>
#include <ostream>
#include <span>
#include <sstream>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace scrim::cli {

// What a verb has of its process. Data goes to `out`; everything else to `log`.
struct Session {
  std::ostream& out;
  std::ostream& log;
  ProgressFn progress;
  std::stop_token stop;  // asked for by Ctrl-C
};

// Runs a verb whose flags were read; returns the exit code. Throws Error.
using Action = std::function<int(const Session&)>;

struct Command {
  std::string_view name;
  std::string_view summary;  // one line, no full stop
  std::string_view usage;    // what follows the name, as in "WEIGHTS --dataset FOLDER"
  std::string_view example;  // a whole command line that works
  // Declares the flags on `app` and returns what to run once they were read.
  Action (*declare)(CLI::App& app);
};

// A program of verbs, or of verbs and nouns: the name of a command may be two words.
struct Program {
  std::string_view name;   // "scrim"
  std::string_view about;  // after "Scrim 0.1.0: ": a paragraph, with a line break at the end
  std::string_view start;  // a sentence: what to try first
  std::span<const Command> commands;
  // Other spellings in the words of this program, before anything is read; null for none.
  std::vector<std::string> (*translate)(const std::vector<std::string>& words) = nullptr;
};

constexpr int kSomeFailed = 1;     // some items failed; the rest is done and listed
constexpr int kInterrupted = 130;  // as a shell reports a program ended by Ctrl-C

// Throws an Error with the parts as its sentence.
template <typename... Parts>
[[noreturn]] void fail(ErrorCode code, const Parts&... parts) {
  std::ostringstream sentence;
  (sentence << ... << parts);
  throw Error(code, sentence.str());
}

// Throws kInvalidArgument unless the condition holds.
template <typename... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) fail(ErrorCode::kInvalidArgument, parts...);
}

}  // namespace scrim::cli
