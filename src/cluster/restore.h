// A snapshot's files in the place of a volume's, so that no moment is without either.
//
// The new files come first, in a claim of their own. When they are there, the volume's claim is
// exchanged: the claim goes, the persistent volume below it stays, and a new claim of the same name
// takes the persistent volume with the new files. What is still to be done is noted on the claim
// and then on the persistent volume, with the restored volume's labels and size; each step looks at
// what there is, so that whoever runs the same restore again, or at the same time, ends it.
#pragma once

#include "cluster/work.h"

#include <optional>
#include <string>

namespace scrim {

// Restores `snapshot` over `claim`, the claim of its volume as it is now, and returns the new
// claim. Throws kRefused where a restore of another snapshot over that volume is not ended yet.
ApiObject restore_over(const ClusterWork& work, const ApiObject& snapshot, const ApiObject& claim);

// Ends a restore of `volume` that somebody began and did not end: returns the claim; nothing where
// there is no such restore. The claim may be missing at this moment.
std::optional<ApiObject> end_restore(const ClusterWork& work, const std::string& volume);

}  // namespace scrim
