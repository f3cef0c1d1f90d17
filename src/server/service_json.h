// What the service says of itself and its models, as the protocol's JSON.
#pragma once

#include "server/service.h"

#include <string>
#include <vector>

namespace scrim {

std::string to_json(const ServerMetadata& metadata);
std::string to_json(const ModelMetadata& metadata);
std::string to_json(const std::vector<ModelStatistics>& statistics);
std::string to_json(const std::vector<IndexEntry>& index);

}  // namespace scrim
