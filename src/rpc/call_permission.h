// Who may make which calls over gRPC: the table of permissions that HTTP has too.
#pragma once

#include "protocol/request_error.h"
#include "server/permissions.h"

#include <grpcpp/server_context.h>

#include <string>

namespace scrim {

// Before the key of a rule, in the names of metadata that a client sends.
inline constexpr const char* kPermissionPrefix = "triton-grpc-protocol-";

// Throws kRestricted unless the client sent what the group asks for.
inline void check_permission(const Permissions& permissions, ApiGroup group,
                             const grpc::CallbackServerContext& context) {
  const auto& metadata = context.client_metadata();
  const auto header = [&](std::string_view key) -> std::optional<std::string_view> {
    const std::string name = kPermissionPrefix + std::string(key);
    const auto found = metadata.find(name);
    if (found == metadata.end()) return std::nullopt;
    return std::string_view(found->second.data(), found->second.size());
  };
  const auto missing = permissions.missing(group, header);
  if (!missing) return;
  throw RequestError(RequestFault::kRestricted, "This protocol is restricted, expecting header '" +
                                                    (kPermissionPrefix + *missing) + "'");
}

}  // namespace scrim
