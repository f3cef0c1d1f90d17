// From the counts of the pictures to the figures of a run.
#pragma once

#include <scrim/evaluate.h>

#include "data/average_precision.h"

#include <span>

namespace scrim {

MatchRules match_rules(const EvaluateOptions& options);

// Throws kInvalidArgument unless some face of the dataset counts.
void check_faces(const Dataset& dataset, const MatchRules& rules);

// Everything but alpha, seconds and skipped. Throws kInvalidArgument if no face counts.
Evaluation summarise(std::span<const PictureCount> pictures, int folds,
                     const EvaluateOptions& options);

}  // namespace scrim
