// Which of the protocol's calls a method and a path are.
#pragma once

#include "server/api_group.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

enum class HttpCall {
  kLive,
  kReady,
  kServerMetadata,
  kModelReady,
  kModelMetadata,
  kModelConfig,
  kInfer,
  kModelStatistics,
  kAllStatistics,
  kIndex,
  kLoad,
  kUnload,
  kNamedRepositoryControl,  // load and unload of a repository by name
  kSharedMemoryStatus,
  kSharedMemoryRegionStatus,
  kSharedMemoryChange,
  kReadLogging,
  kChangeLogging,
  kTrace,
};

// A row of the table of routes. In a path "{model}", "{version}" (digits), "{region}" and
// "{repository}" stand for one part.
struct HttpRoute {
  std::string_view method;
  std::string_view path;
  HttpCall call;
  ApiGroup group;
};

std::span<const HttpRoute> http_routes();

struct RouteMatch {
  const HttpRoute* route = nullptr;  // null: no such path, or none for this method
  bool known_path = false;           // the path is known, with another method
  bool plain_refusal = false;        // 405 comes as text/plain, as the reference server has it
  std::string model, version, region;
};

// The query of `target` is ignored, nothing is decoded, and a slash at the end makes another path.
RouteMatch match_route(std::string_view method, std::string_view target);

}  // namespace scrim
