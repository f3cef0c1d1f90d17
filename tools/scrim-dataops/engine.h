// The flags that say whose objects are meant, and the engine that they name.
#pragma once

#include "command/command.h"

#include <scrim/dataops.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrim::cli {

struct EngineFlags {
  std::string root, context;
  std::string space;  // when it is open, that of the engine
  std::optional<double> timeout_secs;
  bool quiet = false;
  bool dry_run = false;
  bool no_wait = false;
  ClusterOptions cluster;  // what new volumes and snapshots are of

  void declare(CLI::App& app, bool changes);
  void declare_class(CLI::App& app);           // of volumes
  void declare_snapshot_class(CLI::App& app);  // of snapshots
  bool is_local() const;
  std::filesystem::path folder() const;  // --root, else SCRIM_DATAOPS_ROOT, else below the home
  std::unique_ptr<DataOps> open(const Session& session);
  // A sentence for the person who waits, unless --quiet.
  void say(const Session& session, const std::string& sentence) const;

 private:
  std::chrono::milliseconds timeout(double otherwise) const;
};

// Of a flag NAME=VALUE that is repeated.
Labels pairs_of(const char* flag, const std::vector<std::string>& given);

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
