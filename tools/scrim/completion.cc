// scrim completion: made from the table of commands, so that it cannot lag behind.
#include "command/command_line.h"
#include "commands.h"
#include "flags.h"

namespace scrim::cli {
namespace {

struct CompletionFlags {
  std::string shell;
};

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// After the verb: its flags for a word that begins with a dash, else files.
std::string bash_completion() {
  std::vector<std::string> names;
  std::string cases;
  for (const Command& command : program().commands) {
    names.emplace_back(command.name);
    cases += "    " + names.back() + ") flags='" + joined(flags_of(command)) + "' ;;\n";
  }
  return "# bash completion for scrim\n_scrim() {\n  local word=\"${COMP_WORDS[COMP_CWORD]}\" "
         "flags=''\n"
         "  if [[ $COMP_CWORD -eq 1 ]]; then\n    COMPREPLY=($(compgen -W '" +
         joined(names) +
         " help --help --version' -- \"$word\"))\n    return\n  fi\n  case \"${COMP_WORDS[1]}\" "
         "in\n" +
         cases +
         "  esac\n  if [[ $word == -* ]]; then\n    COMPREPLY=($(compgen -W \"$flags\" -- "
         "\"$word\"))\n"
         "  else\n    COMPREPLY=($(compgen -f -- \"$word\"))\n  fi\n}\n"
         "complete -o filenames -o bashdefault -F _scrim scrim\n";
}

}  // namespace

Action declare_completion(CLI::App& app) {
  const auto flags = make_flags<CompletionFlags>();
  app.add_option("SHELL", flags->shell, "bash");
  return [flags](const Session& session) {
    require(flags->shell == "bash", "completion is written for bash, not for '", flags->shell, "'");
    session.out << bash_completion();
    return 0;
  };
}

}  // namespace scrim::cli
