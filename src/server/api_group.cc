#include "server/api_group.h"

namespace scrim {

std::string_view name(ApiGroup group) {
  switch (group) {
    case ApiGroup::kHealth:
      return "health";
    case ApiGroup::kMetadata:
      return "metadata";
    case ApiGroup::kInference:
      return "inference";
    case ApiGroup::kSharedMemory:
      return "shared-memory";
    case ApiGroup::kModelConfig:
      return "model-config";
    case ApiGroup::kModelRepository:
      return "model-repository";
    case ApiGroup::kStatistics:
      return "statistics";
    case ApiGroup::kTrace:
      return "trace";
    case ApiGroup::kLogging:
      break;
  }
  return "logging";
}

std::optional<ApiGroup> api_group_of(std::string_view text) {
  for (const ApiGroup group : kApiGroups) {
    if (name(group) == text) return group;
  }
  return std::nullopt;
}

}  // namespace scrim
