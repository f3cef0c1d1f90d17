// A gRPC port over small models, and a client of it.
#pragma once

#include "rpc/grpc_server.h"
#include "rpc/health.grpc.pb.h"
#include "rpc/inference_service.grpc.pb.h"
#include "server/model_service.h"
#include "server/small_models.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>

#include <string>

namespace scrim {

inline std::shared_ptr<grpc::Channel> channel_to(const GrpcServer& server) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server.port()),
                                   grpc::InsecureChannelCredentials(), arguments);
}

// Serves what lies in `root` when it is made.
class RpcServer {
 public:
  explicit RpcServer(const TemporaryFolder& root, const std::string& restricted = "",
                     ControlMode control = ControlMode::kNone, Engines engines = file_engines())
      : service(
            [&] {
              ServiceOptions options;
              options.repositories = {root.path()};
              options.control = control;
              options.exit_on_error = false;
              return options;
            }(),
            std::move(engines)),
        server(service, [&] {
          GrpcServerOptions options;
          options.max_message_bytes = 1 << 20;
          if (!restricted.empty()) options.permissions.restrict_to(restricted);
          return options;
        }()) {}

  ModelService service;
  GrpcServer server;
  std::shared_ptr<grpc::Channel> channel = channel_to(server);
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub =
      inference::GRPCInferenceService::NewStub(channel);
};

// One row of 16 for each input of simple_config(), as bytes.
inline inference::ModelInferRequest simple_call(std::int32_t a, std::int32_t b,
                                                const std::string& id = "") {
  inference::ModelInferRequest request;
  request.set_model_name("simple");
  request.set_id(id);
  for (const auto& [name, value] : {std::pair("INPUT0", a), std::pair("INPUT1", b)}) {
    auto& input = *request.add_inputs();
    input.set_name(name);
    input.set_datatype("INT32");
    input.add_shape(1);
    input.add_shape(16);
    request.add_raw_input_contents(bytes_of(std::vector<std::int32_t>(16, value)));
  }
  return request;
}

inline std::int32_t first_of(const std::string& bytes) {
  return values_of<std::int32_t>(bytes).at(0);
}

}  // namespace scrim
