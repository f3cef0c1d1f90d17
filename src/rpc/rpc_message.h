// What the service says besides inferences, as the messages of the protocol.
#pragma once

#include "rpc/inference_service.pb.h"
#include "server/service.h"

#include <grpcpp/support/status.h>

#include <optional>
#include <string>

namespace scrim {

inference::ServerMetadataResponse message_of(const ServerMetadata& metadata);
inference::ModelMetadataResponse message_of(const ModelMetadata& metadata);
inference::ModelStatisticsResponse message_of(const std::vector<ModelStatistics>& statistics);
inference::RepositoryIndexResponse message_of(const std::vector<IndexEntry>& index);

// The config in a load's parameters, as JSON. Files over the network are never taken. Throws
// RequestError for any other parameter.
std::optional<std::string> config_override(const inference::RepositoryModelLoadRequest& request);

// Throws RequestError unless what the parameters say of dependent models is a bool.
void check_unload(const inference::RepositoryModelUnloadRequest& request);

// A fault as gRPC says it. A sentence with a long name in it is cut: it travels in a header.
grpc::Status status_of(const RequestError& error);

}  // namespace scrim
