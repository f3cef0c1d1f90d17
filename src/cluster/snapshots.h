// Snapshots of a cluster's volumes.
#pragma once

#include "cluster/work.h"

#include <string>

namespace scrim {

// Throws kNotFound without it.
ApiObject snapshot_object(const ClusterWork& work, const std::string& name);

// The same, when it is ready. Throws kUnavailable, with its reason, for one that has failed.
ApiObject ready_snapshot(const ClusterWork& work, const std::string& name);

// As DataOps::create_snapshot.
Outcome<Snapshot> make_snapshot(const ClusterWork& work, const std::string& volume,
                                const std::string& name, const Labels& labels,
                                const Labels& notes = {});

}  // namespace scrim
