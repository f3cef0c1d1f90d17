// The flags that say whose objects are meant, and the engine that they name.
#pragma once

#include "command/command.h"

#include <scrim/dataops.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace scrim::cli {

struct EngineFlags {
  std::string root;
  std::string space = "default";
  double timeout_secs = 30;
  bool quiet = false;
  bool dry_run = false;

  void declare(CLI::App& app, bool changes);
  void declare_root(CLI::App& app);
  std::filesystem::path folder() const;  // --root, else SCRIM_DATAOPS_ROOT, else below the home
  std::unique_ptr<DataOps> open(const Session& session) const;
  // A sentence for the person who waits, unless --quiet.
  void say(const Session& session, const std::string& sentence) const;
};

// --label NAME=VALUE, repeated.
struct LabelFlags {
  std::vector<std::string> given;

  void declare(CLI::App& app);
  Labels labels() const;
};

// Asks before something is lost. --yes answers.
struct YesFlag {
  bool yes = false;

  void declare(CLI::App& app);
  // Throws kRefused where the answer is not yes, or nobody can be asked.
  void ask(const Session& session, const std::string& question) const;
};

}  // namespace scrim::cli
