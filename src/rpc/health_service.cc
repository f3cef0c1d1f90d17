#include "rpc/health_service.h"

#include "rpc/call_permission.h"
#include "rpc/rpc_message.h"

namespace scrim {
namespace {

using Status = grpc::health::v1::HealthCheckResponse;

constexpr const char* kInferenceService = "inference.GRPCInferenceService";

}  // namespace

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const grpc::health::v1::HealthCheckRequest* request,
                                               grpc::health::v1::HealthCheckResponse* response) {
  auto* reactor = context->DefaultReactor();
  try {
    check_permission(permissions_, ApiGroup::kHealth, *context);
    const std::string& name = request->service();
    if (!name.empty() && name != kInferenceService) {
      throw RequestError(RequestFault::kNotFound, "there is no service of this name");
    }
    response->set_status(service_.ready() ? Status::SERVING : Status::NOT_SERVING);
    reactor->Finish(grpc::Status::OK);
  } catch (const RequestError& error) {
    reactor->Finish(status_of(error));
  }
  return reactor;
}

}  // namespace scrim
