// grpc.health.v1.Health over the service: what Kubernetes' probes ask.
#pragma once

#include "rpc/health.grpc.pb.h"
#include "server/permissions.h"
#include "server/service.h"

namespace scrim {

class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  HealthService(const scrim::Service& service, const Permissions& permissions)
      : service_(service), permissions_(permissions) {}

  // SERVING while the server is ready. A name is "" or the inference service's; others are
  // NOT_FOUND. Watch stays unimplemented, which clients of it take as "ask with Check".
  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;

 private:
  const scrim::Service& service_;  // not the generated class of that name
  const Permissions& permissions_;
};

}  // namespace scrim
