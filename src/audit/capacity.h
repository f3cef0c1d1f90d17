// What alpha promises, and what the audited pictures show of it.
#pragma once

#include "audit/scenes.h"

#include <scrim/audit.h>

#include <vector>

namespace scrim {

// One row for each alpha, from the clean activations. Pairs are pictures that follow each other;
// of two sizes, the cells that both have. Throws kInvalidArgument without scenes.
std::vector<CapacityRow> capacity_of(const NoiseParameters& noise,
                                     const std::vector<double>& alphas,
                                     const std::vector<Scene>& scenes);

}  // namespace scrim
