// The port that speaks gRPC: the inference service and the health service.
#pragma once

#include "server/permissions.h"
#include "server/service.h"
#include "server/tls_options.h"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace scrim {

struct GrpcServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  // 0 for any free one
  std::optional<TlsOptions> tls = {};
  // Of one message; a larger one is RESOURCE_EXHAUSTED before it is read.
  std::uint64_t max_message_bytes = std::uint64_t{64} << 20;
  Permissions permissions = {};
};

class GrpcServer {
 public:
  // Listens from here on. `service` outlives the server. Throws kUnavailable for a port that is
  // taken, or an address or certificate that is none.
  GrpcServer(Service& service, GrpcServerOptions options);
  // As stop(0).
  ~GrpcServer();
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;

  std::uint16_t port() const;

  // Takes no more calls, answers those that have been read, and returns when all is closed or,
  // after the limit, closes it.
  void stop(std::chrono::milliseconds limit);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scrim
