// The groups of calls that an operator may restrict, by the reference server's names.
#pragma once

#include <optional>
#include <string_view>

namespace scrim {

enum class ApiGroup {
  kHealth,
  kMetadata,
  kInference,
  kSharedMemory,
  kModelConfig,
  kModelRepository,
  kStatistics,
  kTrace,
  kLogging,
};

constexpr ApiGroup kApiGroups[] = {
    ApiGroup::kHealth,       ApiGroup::kMetadata,    ApiGroup::kInference,
    ApiGroup::kSharedMemory, ApiGroup::kModelConfig, ApiGroup::kModelRepository,
    ApiGroup::kStatistics,   ApiGroup::kTrace,       ApiGroup::kLogging,
};

// "model-repository".
std::string_view name(ApiGroup group);
std::optional<ApiGroup> api_group_of(std::string_view name);

}  // namespace scrim
