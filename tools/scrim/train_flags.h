// The flags of the verbs that train a network from random weights.
#pragma once

#include "command/command.h"

#include <scrim/learn.h>

#include <string>

namespace scrim::cli {

struct TrainFlags {
  std::string output;
  TrainOptions options;  // holds the defaults

  void declare(CLI::App& app);
  void check() const;  // throws kInvalidArgument naming the flag
  // What was read, for a run of this process. Throws unless the output can be written.
  TrainOptions read(const Session& session) const;
};

}  // namespace scrim::cli
