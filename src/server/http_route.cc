#include "server/http_route.h"

#include <algorithm>
#include <vector>

namespace scrim {
namespace {

constexpr HttpRoute kRoutes[] = {
    {"GET", "/v2/health/live", HttpCall::kLive, ApiGroup::kHealth},
    {"GET", "/v2/health/ready", HttpCall::kReady, ApiGroup::kHealth},
    {"GET", "/v2", HttpCall::kServerMetadata, ApiGroup::kMetadata},
    {"GET", "/v2/models/stats", HttpCall::kAllStatistics, ApiGroup::kStatistics},
    {"GET", "/v2/models/{model}", HttpCall::kModelMetadata, ApiGroup::kMetadata},
    {"GET", "/v2/models/{model}/ready", HttpCall::kModelReady, ApiGroup::kHealth},
    {"GET", "/v2/models/{model}/config", HttpCall::kModelConfig, ApiGroup::kModelConfig},
    {"GET", "/v2/models/{model}/stats", HttpCall::kModelStatistics, ApiGroup::kStatistics},
    {"POST", "/v2/models/{model}/infer", HttpCall::kInfer, ApiGroup::kInference},
    {"GET", "/v2/models/{model}/versions/{version}", HttpCall::kModelMetadata, ApiGroup::kMetadata},
    {"GET", "/v2/models/{model}/versions/{version}/ready", HttpCall::kModelReady,
     ApiGroup::kHealth},
    {"GET", "/v2/models/{model}/versions/{version}/config", HttpCall::kModelConfig,
     ApiGroup::kModelConfig},
    {"GET", "/v2/models/{model}/versions/{version}/stats", HttpCall::kModelStatistics,
     ApiGroup::kStatistics},
    {"POST", "/v2/models/{model}/versions/{version}/infer", HttpCall::kInfer, ApiGroup::kInference},
    {"POST", "/v2/repository/index", HttpCall::kIndex, ApiGroup::kModelRepository},
    {"POST", "/v2/repository/{repository}/index", HttpCall::kIndex, ApiGroup::kModelRepository},
    {"POST", "/v2/repository/models/{model}/load", HttpCall::kLoad, ApiGroup::kModelRepository},
    {"POST", "/v2/repository/models/{model}/unload", HttpCall::kUnload, ApiGroup::kModelRepository},
    {"POST", "/v2/repository/{repository}/models/{model}/load", HttpCall::kNamedRepositoryControl,
     ApiGroup::kModelRepository},
    {"POST", "/v2/repository/{repository}/models/{model}/unload", HttpCall::kNamedRepositoryControl,
     ApiGroup::kModelRepository},
    {"GET", "/v2/systemsharedmemory/status", HttpCall::kSharedMemoryStatus,
     ApiGroup::kSharedMemory},
    {"GET", "/v2/cudasharedmemory/status", HttpCall::kSharedMemoryStatus, ApiGroup::kSharedMemory},
    {"GET", "/v2/systemsharedmemory/region/{region}/status", HttpCall::kSharedMemoryRegionStatus,
     ApiGroup::kSharedMemory},
    {"GET", "/v2/cudasharedmemory/region/{region}/status", HttpCall::kSharedMemoryRegionStatus,
     ApiGroup::kSharedMemory},
    {"POST", "/v2/systemsharedmemory/region/{region}/register", HttpCall::kSharedMemoryChange,
     ApiGroup::kSharedMemory},
    {"POST", "/v2/cudasharedmemory/region/{region}/register", HttpCall::kSharedMemoryChange,
     ApiGroup::kSharedMemory},
    {"POST", "/v2/systemsharedmemory/region/{region}/unregister", HttpCall::kSharedMemoryChange,
     ApiGroup::kSharedMemory},
    {"POST", "/v2/cudasharedmemory/region/{region}/unregister", HttpCall::kSharedMemoryChange,
     ApiGroup::kSharedMemory},
    {"POST", "/v2/systemsharedmemory/unregister", HttpCall::kSharedMemoryChange,
     ApiGroup::kSharedMemory},
    {"POST", "/v2/cudasharedmemory/unregister", HttpCall::kSharedMemoryChange,
     ApiGroup::kSharedMemory},
    {"GET", "/v2/logging", HttpCall::kReadLogging, ApiGroup::kLogging},
    {"POST", "/v2/logging", HttpCall::kChangeLogging, ApiGroup::kLogging},
    {"GET", "/v2/trace/setting", HttpCall::kTrace, ApiGroup::kTrace},
    {"POST", "/v2/trace/setting", HttpCall::kTrace, ApiGroup::kTrace},
    {"GET", "/v2/models/{model}/trace/setting", HttpCall::kTrace, ApiGroup::kTrace},
    {"POST", "/v2/models/{model}/trace/setting", HttpCall::kTrace, ApiGroup::kTrace},
};

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return parts;
}

bool is_number(std::string_view part) {
  return !part.empty() && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
}

bool fits(std::string_view pattern, std::string_view part) {
  if (pattern == "{version}") return is_number(part);
  return pattern.starts_with('{') ? !part.empty() : pattern == part;
}

bool path_fits(const std::vector<std::string_view>& pattern,
               const std::vector<std::string_view>& parts) {
  return std::ranges::equal(pattern, parts, fits);
}

void take_names(RouteMatch& match, const std::vector<std::string_view>& pattern,
                const std::vector<std::string_view>& parts) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == "{model}") match.model = parts[i];
    if (pattern[i] == "{version}") match.version = parts[i];
    if (pattern[i] == "{region}") match.region = parts[i];
  }
}

}  // namespace

std::span<const HttpRoute> http_routes() { return kRoutes; }

RouteMatch match_route(std::string_view method, std::string_view target) {
  RouteMatch match;
  target = target.substr(0, target.find('?'));
  if (!target.starts_with('/')) return match;
  const auto parts = parts_of(target);
  for (const HttpRoute& route : kRoutes) {
    const auto pattern = parts_of(route.path);
    if (!path_fits(pattern, parts)) continue;
    if (route.method == method) {
      match.route = &route;
      match.known_path = true;
      take_names(match, pattern, parts);
      return match;
    }
    if (match.known_path) continue;  // the first row says how a wrong method is refused
    match.known_path = true;
    match.plain_refusal = route.group == ApiGroup::kHealth || route.call == HttpCall::kInfer;
  }
  return match;
}

}  // namespace scrim
