#include "rpc/grpc_server.h"

#include "rpc/rpc_client.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <future>

namespace scrim {
namespace {

using std::chrono::milliseconds;

TEST(GrpcServer, APortThatIsTakenAndAnAddressThatIsNoneAreErrors) {
  const TemporaryFolder root;
  RpcServer first(root);
  GrpcServerOptions options;
  options.port = first.server.port();
  expect_error(ErrorCode::kUnavailable, "cannot serve gRPC on 127.0.0.1:", [&] {
    GrpcServer second(first.service, options);
  });
  options.port = 0;
  options.address = "no.such.host.invalid";
  expect_error(ErrorCode::kUnavailable, "the address is none",
               [&] { GrpcServer second(first.service, options); });
}

TEST(GrpcServer, ACertificateThatIsNoneIsAnError) {
  const TemporaryFolder root;
  RpcServer first(root);
  GrpcServerOptions options;
  options.tls = TlsOptions{"no certificate", "no key"};
  expect_error(ErrorCode::kUnavailable, "certificate",
               [&] { GrpcServer second(first.service, options); });
}

TEST(GrpcServer, AMessageAboveTheLimitIsRefusedBeforeItIsRead) {
  const TemporaryFolder root;
  write_model(root.path(), "simple", simple_config(), "simple");
  RpcServer rpc(root);
  auto request = simple_call(1, 2);
  request.add_raw_input_contents(std::string((1 << 20) + (100 << 10), 'x'));
  grpc::ClientContext context;
  inference::ModelInferResponse response;
  EXPECT_EQ(rpc.stub->ModelInfer(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST(GrpcServer, StopAnswersWhatItHasRead) {
  Gate gate;
  const Engines gated = {{"pytorch", [&gate](const ModelConfig&, const std::filesystem::path&) {
                            return std::make_unique<GatedIdentity>(gate);
                          }}};
  const TemporaryFolder root;
  write_model(root.path(), "held", identity_config(), "");
  RpcServer rpc(root, "", ControlMode::kNone, gated);
  inference::ModelInferRequest request;
  request.set_model_name("held");
  auto& input = *request.add_inputs();
  input.set_name("INPUT0");
  input.set_datatype("FP32");
  input.add_shape(1);
  input.add_shape(1);
  input.mutable_contents()->add_fp32_contents(5);
  auto answered = std::async(std::launch::async, [&] {
    grpc::ClientContext context;
    inference::ModelInferResponse response;
    return rpc.stub->ModelInfer(&context, request, &response);
  });
  gate.await(1);
  auto stopped = std::async(std::launch::async, [&] { rpc.server.stop(std::chrono::seconds(30)); });
  std::this_thread::sleep_for(milliseconds(50));
  gate.open();
  EXPECT_TRUE(answered.get().ok());
  stopped.get();
  rpc.server.stop(milliseconds(0));  // again is nothing
}

}  // namespace
}  // namespace scrim
