#include "command/command_line.h"

#include <algorithm>
#include <iomanip>
#include <numeric>

namespace scrim::cli {
namespace {

constexpr std::size_t kFlagColumn = 28;

// Levenshtein's distance: letters inserted, removed or replaced.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string suggestion(const std::string& word, const std::vector<std::string>& known,
                       const std::string& where) {
  const std::string near = nearest(word, known);
  return near.empty() ? "; '" + where + "' lists them" : "; did you mean '" + near + "'?";
}

struct Found {
  const Command& command;
  std::size_t words;  // that its name takes
};

// The command whose name the words begin with.
Found find(const Program& program, const std::vector<std::string>& words) {
  const std::string two = words.size() > 1 ? words[0] + " " + words[1] : words[0];
  std::vector<std::string> names;
  bool is_verb = false;  // of commands with a noun
  for (const Command& command : program.commands) {
    if (command.name == words[0]) return {command, 1};
    if (command.name == two) return {command, 2};
    is_verb |= command.name.starts_with(words[0] + " ");
    names.emplace_back(command.name);
  }
  const bool has_nouns = names.front().find(' ') != std::string::npos;
  const std::string& asked = has_nouns ? two : words[0];
  fail(ErrorCode::kInvalidArgument, "no command '", asked, "'",
       is_verb && words.size() == 1 ? " without what it is for" : "",
       suggestion(asked, names, std::string(program.name) + " help"));
}

std::string sentence_of(const Program& program, const Command& command) {
  return std::string(program.name) + " " + std::string(command.name);
}

// CLI11 writes the default of a list as "[0.8]", and none as "[]".
std::string without_brackets(const std::string& text) {
  return text.starts_with('[') && text.ends_with(']') ? text.substr(1, text.size() - 2) : text;
}

std::string line_of(const CLI::Option& option) {
  std::ostringstream out;
  std::string name = option.get_name(option.get_positional());
  if (option.get_items_expected_max() > 0 && !option.get_positional()) {
    name += " " + option.get_type_name();
  }
  out << "  " << std::left << std::setw(static_cast<int>(kFlagColumn)) << name << ' '
      << option.get_description();
  const std::string value = without_brackets(option.get_default_str());
  if (!value.empty()) out << " [" << value << "]";
  return out.str() + "\n";
}

// CLI11's own sentences name the flag and the value; only the first line is kept.
[[noreturn]] void fail_to_parse(const std::string& help, const CLI::ParseError& error) {
  std::string sentence = error.what();
  sentence = sentence.substr(0, sentence.find('\n'));
  fail(ErrorCode::kInvalidArgument, sentence, "; see '", help, "'");
}

void prepare(CLI::App& app) {
  app.set_help_flag();
  app.allow_extras();
  app.option_defaults()->always_capture_default();
}

void refuse_extras(const Command& command, const std::string& help, const CLI::App& app) {
  std::vector<std::string> extras = app.remaining();
  std::erase(extras, "--");  // which CLI11 counts among them
  if (extras.empty()) return;
  const std::string& word = extras.front();
  require(word.starts_with("-"), command.name, " does not take '", word, "'; see '", help, "'");
  const std::string name = word.substr(0, word.find('='));
  fail(ErrorCode::kInvalidArgument, command.name, " has no flag '", name, "'",
       suggestion(name, flags_of(command), help));
}

bool asks_for_help(const std::vector<std::string>& words) {
  return std::any_of(words.begin(), words.end(),
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

int run_verb(const Program& program, const Command& command, std::vector<std::string> words,
             const Session& session) {
  const std::string help = sentence_of(program, command) + " --help";
  CLI::App app;
  prepare(app);
  const Action action = command.declare(app);
  std::reverse(words.begin(), words.end());  // the order in which CLI11 takes a vector
  try {
    app.parse(words);
  } catch (const CLI::ParseError& error) {
    refuse_extras(command, help, app);
    fail_to_parse(help, error);
  }
  refuse_extras(command, help, app);
  return action(session);
}

}  // namespace

std::string nearest(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = std::max<std::size_t>(word.size() / 3, 1) + 1;
  for (const std::string& candidate : known) {
    const std::size_t steps = distance(word, candidate);
    if (steps < least) {
      least = steps;
      best = candidate;
    }
  }
  return best;
}

std::vector<std::string> flags_of(const Command& command) {
  CLI::App app;
  prepare(app);
  command.declare(app);
  std::vector<std::string> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) flags.push_back("--" + name);
  }
  flags.emplace_back("--help");
  return flags;
}

std::string help(const Program& program) {
  std::ostringstream out;
  out << "Scrim " << version() << ": " << program.about << "\nusage: " << program.name
      << " COMMAND [FLAGS]; '" << program.name << " COMMAND --help' explains one\n\n";
  for (const Command& command : program.commands) {
    out << "  " << std::left << std::setw(18) << command.name << command.summary << "\n";
  }
  out << "\n"
      << program.start << " Exit codes are in docs/errors.md;\n'" << program.name
      << " --version' names this build.\n";
  return out.str();
}

std::string help(const Program& program, const Command& command) {
  CLI::App app;
  prepare(app);
  command.declare(app);
  const std::string name = sentence_of(program, command);
  std::ostringstream out;
  out << name << ": " << command.summary << "\n\nusage: " << name << " " << command.usage << "\n\n";
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) out << line_of(*option);  // without one it is for few
  }
  out << "\nexample: " << command.example << "\n";
  return out.str();
}

int run(const Program& program, const std::vector<std::string>& words, const Session& session) {
  if (words.empty() || words.front() == "--help" || words.front() == "-h") {
    session.out << help(program);
    return 0;
  }
  if (words.front() == "--version") {
    session.out << program.name << " " << version() << "\n";
    return 0;
  }
  if (words.front() == "help") {
    const std::vector<std::string> asked(words.begin() + 1, words.end());
    session.out << (asked.empty() ? help(program) : help(program, find(program, asked).command));
    return 0;
  }
  const auto [command, taken] = find(program, words);
  const std::vector<std::string> rest(words.begin() + static_cast<std::ptrdiff_t>(taken),
                                      words.end());
  if (asks_for_help(rest)) {
    session.out << help(program, command);
    return 0;
  }
  return run_verb(program, command, rest, session);
}

}  // namespace scrim::cli
