// The attacker of `scrim infer --reconstruct`: an audit's decoder, or one that learns on the spot.
#pragma once

#include "command/command.h"
#include "obfuscation.h"

#include <scrim/audit.h>

#include <optional>
#include <string>

namespace scrim::cli {

struct RebuilderFlags {
  bool reconstruct = false;
  std::string decoder, attacker_dataset;

  void declare(CLI::App& app);
  // Throws kInvalidArgument on flags that do not go together.
  void check() const;
};

// Rebuilds pictures from what a release sent.
class Rebuilder {
 public:
  // The decoder of --decoder, else that of the release's audit if it is there and fits release and
  // alpha, else a linear attacker that learns now. Logs which. Throws as TrainedDecoder does.
  Rebuilder(const RebuilderFlags& flags, const Obfuscation& used, const Session& session);

  // At the size of the picture that was sent, up to whole cells.
  Image operator()(const NoisyActivation& noisy_activation) const;

 private:
  double pixels_per_cell_;  // of the picture, each way
  std::optional<TrainedDecoder> decoder_;
  std::optional<LinearAttacker> linear_;  // where there is no decoder
};

}  // namespace scrim::cli
