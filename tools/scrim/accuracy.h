// How well the task is done at each alpha, for a report: from the release's evidence, or measured.
#pragma once

#include "command/command.h"

#include <scrim/audit.h>

#include <filesystem>
#include <string>
#include <vector>

namespace scrim::cli {

struct AccuracyOptions {
  std::vector<double> alphas;
  std::filesystem::path untouched = {};  // weights before learning; empty for none
  std::size_t pictures = 0;              // at most, evenly spread; 0 for all
  std::uint64_t seed = 1;                // of the noise key
};

// Fills the accuracy of `report` from evidence/evaluation.json, in the form that
// `scrim evaluate --compare --json` prints, where the release has one for these alphas; else runs
// clean network and release over the dataset, and the untouched weights if they are named.
void add_accuracy(const Release& release, const Dataset& dataset, const AccuracyOptions& options,
                  const Session& session, ReportContents& report);

}  // namespace scrim::cli
