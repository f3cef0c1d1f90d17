// One run of a transfer on this machine, by rclone.
#pragma once

#include <scrim/dataops.h>

#include <cstdint>
#include <filesystem>

namespace scrim {

struct TransferFolders {
  std::filesystem::path data;     // of the volume
  std::filesystem::path record;   // of the transfer: its log is written there
  std::filesystem::path scratch;  // for this run
};

struct TransferFigures {
  std::uint64_t bytes = 0, files = 0;  // that were moved
};

// What is downloaded waits in FOLDER/.scrim-transfer/NAME until all of it is whole, then each file
// is renamed to its place. A run that is killed leaves it there for the next one.
TransferFigures run_transfer_steps(const TransferPlan& plan, const TransferFolders& folders,
                                   const LocalOptions& options);

// Removes what waits there.
void remove_stage(const TransferPlan& plan, const std::filesystem::path& data);

}  // namespace scrim
