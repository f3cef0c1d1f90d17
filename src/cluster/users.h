// Who uses a volume of the cluster, and how to let them rest.
#pragma once

#include "cluster/work.h"

#include <string>

namespace scrim {

// So that the claim can go: pods of transfers that have ended are removed, since also they hold it.
// Throws kRefused, naming them, where others mount it, ended or not.
void release_claim(const ClusterWork& work, const std::string& claim);

// Scales the deployments and stateful sets whose pods mount the claim to none, notes on them how
// many they were, and waits until their pods are gone. Throws kRefused, naming them, while pods of
// other makers use it: then nothing is scaled.
void stop_users(const ClusterWork& work, const std::string& claim);
// Scales those that have such a note to what they were. Without the right to look at them, nothing.
void start_users(const ClusterWork& work, const std::string& claim);

}  // namespace scrim
