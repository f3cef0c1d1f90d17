// Objects as they are named in a flag, and what depends on them.
#pragma once

#include "command/command.h"

#include <scrim/dataops.h>

#include <string>

namespace scrim::cli {

// "snapshot/a", "volume/a", "workspace/a" for its volume, or the volume or snapshot that there is.
Origin origin_of(DataOps& engine, const std::string& text);

// "a" or "workspace/a": the name of the volume.
std::string volume_named(DataOps& engine, const std::string& text);

// --cascade and --keep-snapshots: what happens to the snapshots of a volume that goes.
struct DependentsFlags {
  bool cascade = false, keep = false;

  void declare(CLI::App& app);
  Dependents dependents() const;
};

}  // namespace scrim::cli
