// Volumes of a cluster: the claims, from their making to their growth.
#pragma once

#include "cluster/work.h"

#include <optional>
#include <string>

namespace scrim {

// The claim of a volume. One that is missing because somebody's restore broke off is restored
// first.
std::optional<ApiObject> find_claim(const ClusterWork& work, const std::string& name);
// The same. Throws kNotFound without it.
ApiObject claim_of(const ClusterWork& work, const std::string& name);

// As the methods of DataOps.
Outcome<Volume> create_volume(const ClusterWork& work, const std::string& name, std::uint64_t size,
                              const Labels& labels);
Outcome<Volume> clone_volume(const ClusterWork& work, const std::string& name, const Origin& origin,
                             std::optional<std::uint64_t> size, const Labels& labels);
Outcome<Volume> resize_volume(const ClusterWork& work, const std::string& name, std::uint64_t size);

}  // namespace scrim
