#include "rpc/health_service.h"

#include "rpc/rpc_client.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

grpc::Status check_health(const RpcServer& rpc, const std::string& name,
                          HealthCheckResponse& response) {
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service(name);
  return grpc::health::v1::Health::NewStub(rpc.channel)->Check(&context, request, &response);
}

TEST(HealthService, ServesWhileTheServerIsReady) {
  const TemporaryFolder root;
  RpcServer rpc(root);
  HealthCheckResponse response;
  for (const char* name : {"", "inference.GRPCInferenceService"}) {
    EXPECT_TRUE(check_health(rpc, name, response).ok());
    EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  }
  rpc.service.drain(std::chrono::milliseconds(0));
  EXPECT_TRUE(check_health(rpc, "", response).ok());
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
}

TEST(HealthService, AnotherNameIsNotFoundAndTheGroupMayBeRestricted) {
  const TemporaryFolder root;
  HealthCheckResponse response;
  EXPECT_EQ(check_health(RpcServer(root), "other", response).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(check_health(RpcServer(root, "health:k=v"), "", response).error_code(),
            grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace scrim
