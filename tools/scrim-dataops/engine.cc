#include "engine.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>

namespace scrim::cli {

void EngineFlags::declare_root(CLI::App& app) {
  app.add_option("--root", root, "holds the volumes [SCRIM_DATAOPS_ROOT or ~/.local/share/scrim]")
      ->type_name("FOLDER");
}

void EngineFlags::declare(CLI::App& app, bool changes) {
  declare_root(app);
  app.add_option("--namespace", space, "where the names are looked up")->type_name("NAME");
  app.add_option("--timeout", timeout_secs, "how long to wait for another run, in seconds")
      ->type_name("SECONDS");
  app.add_flag("--quiet", quiet, "no progress and no words but the data and the errors");
  if (changes) app.add_flag("--dry-run", dry_run, "say what would be there, and change nothing");
}

std::filesystem::path EngineFlags::folder() const {
  if (!root.empty()) return root;
  const char* variable = std::getenv("SCRIM_DATAOPS_ROOT");
  if (variable != nullptr && *variable != '\0') return variable;
  const char* home = std::getenv("HOME");
  require(home != nullptr && *home != '\0', "--root is missing, and there is no HOME");
  return std::filesystem::path(home) / ".local/share/scrim";
}

std::unique_ptr<DataOps> EngineFlags::open(const Session& session) const {
  constexpr double kMost = 86'400;
  require(timeout_secs >= 0 && timeout_secs <= kMost, "--timeout is ", timeout_secs, ", not 0 to ",
          kMost, " seconds");
  LocalOptions options;
  options.space = space;
  options.timeout = std::chrono::milliseconds(static_cast<long>(timeout_secs * 1000));
  if (!quiet) options.progress = session.progress;
  options.stop = session.stop;
  options.dry_run = dry_run;
  return open_local(folder(), options);
}

void EngineFlags::say(const Session& session, const std::string& sentence) const {
  if (!quiet) session.log << sentence << "\n";
}

void LabelFlags::declare(CLI::App& app) {
  app.add_option("--label", given, "NAME=VALUE, kept with it; may be repeated")
      ->type_name("LABEL")
      ->allow_extra_args(false);
}

Labels LabelFlags::labels() const {
  Labels labels;
  for (const std::string& label : given) {
    const std::size_t equals = label.find('=');
    require(equals != std::string::npos, "--label is NAME=VALUE, not '", label, "'");
    labels[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return labels;
}

void YesFlag::declare(CLI::App& app) { app.add_flag("--yes", yes, "do not ask"); }

void YesFlag::ask(const Session& session, const std::string& question) const {
  if (yes) return;
  if (::isatty(STDIN_FILENO) == 0) {
    fail(ErrorCode::kRefused, "nobody can be asked: ", question, " --yes says so");
  }
  session.log << question << " [y/N] " << std::flush;
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "y" && answer != "yes") fail(ErrorCode::kRefused, "nothing was changed");
}

}  // namespace scrim::cli
