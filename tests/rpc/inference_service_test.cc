#include "rpc/inference_service.h"

#include "rpc/rpc_client.h"
#include "server/fake_service.h"

#include <gtest/gtest.h>

#include <functional>
#include <future>

namespace scrim {
namespace {

using Stub = inference::GRPCInferenceService::Stub;

// One call of each kind, with an empty request.
struct NamedCall {
  const char* name;
  const char* group;
  std::function<grpc::Status(Stub&, grpc::ClientContext&)> call;
};

template <typename Request, typename Response>
std::function<grpc::Status(Stub&, grpc::ClientContext&)> empty_call(
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  return [method](Stub& stub, grpc::ClientContext& context) {
    Response response;
    return (stub.*method)(&context, {}, &response);
  };
}

const std::vector<NamedCall>& all_calls() {
  static const std::vector<NamedCall> calls = {
      {"ServerLive", "health", empty_call(&Stub::ServerLive)},
      {"ServerReady", "health", empty_call(&Stub::ServerReady)},
      {"ModelReady", "health", empty_call(&Stub::ModelReady)},
      {"ServerMetadata", "metadata", empty_call(&Stub::ServerMetadata)},
      {"ModelMetadata", "metadata", empty_call(&Stub::ModelMetadata)},
      {"ModelInfer", "inference", empty_call(&Stub::ModelInfer)},
      {"ModelStreamInfer", "inference",
       [](Stub& stub, grpc::ClientContext& context) {
         const auto stream = stub.ModelStreamInfer(&context);
         stream->WritesDone();
         return stream->Finish();
       }},
      {"ModelConfig", "model-config", empty_call(&Stub::ModelConfig)},
      {"ModelStatistics", "statistics", empty_call(&Stub::ModelStatistics)},
      {"RepositoryIndex", "model-repository", empty_call(&Stub::RepositoryIndex)},
      {"RepositoryModelLoad", "model-repository", empty_call(&Stub::RepositoryModelLoad)},
      {"RepositoryModelUnload", "model-repository", empty_call(&Stub::RepositoryModelUnload)},
      {"SystemSharedMemoryStatus", "shared-memory", empty_call(&Stub::SystemSharedMemoryStatus)},
      {"SystemSharedMemoryRegister", "shared-memory",
       empty_call(&Stub::SystemSharedMemoryRegister)},
      {"SystemSharedMemoryUnregister", "shared-memory",
       empty_call(&Stub::SystemSharedMemoryUnregister)},
      {"CudaSharedMemoryStatus", "shared-memory", empty_call(&Stub::CudaSharedMemoryStatus)},
      {"CudaSharedMemoryRegister", "shared-memory", empty_call(&Stub::CudaSharedMemoryRegister)},
      {"CudaSharedMemoryUnregister", "shared-memory",
       empty_call(&Stub::CudaSharedMemoryUnregister)},
      {"TraceSetting", "trace", empty_call(&Stub::TraceSetting)},
      {"LogSettings", "logging", empty_call(&Stub::LogSettings)}};
  return calls;
}

TEST(InferenceService, EveryCallOfTheServiceAsksThePermissions) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "inference.GRPCInferenceService");
  ASSERT_NE(service, nullptr);
  ASSERT_EQ(static_cast<std::size_t>(service->method_count()), all_calls().size());
  const TemporaryFolder root;
  for (std::size_t i = 0; i < all_calls().size(); ++i) {
    const NamedCall& one = all_calls()[i];
    EXPECT_NE(service->FindMethodByName(one.name), nullptr) << one.name;
    RpcServer rpc(root, std::string(one.group) + ":k1=secret");
    grpc::ClientContext without;
    const grpc::Status refused = one.call(*rpc.stub, without);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::UNAVAILABLE) << one.name;
    EXPECT_EQ(refused.error_message(),
              "This protocol is restricted, expecting header 'triton-grpc-protocol-k1'")
        << one.name;
    grpc::ClientContext with;
    with.AddMetadata("triton-grpc-protocol-k1", "secret");
    EXPECT_NE(one.call(*rpc.stub, with).error_message(), refused.error_message()) << one.name;
  }
}

TEST(InferenceService, AnswersAnInferenceByBytesAndByType) {
  const TemporaryFolder root;
  write_model(root.path(), "simple", simple_config(), "simple");
  RpcServer rpc(root);
  inference::ModelInferRequest request = simple_call(5, 3, "one");
  inference::ModelInferResponse raw, typed;
  grpc::ClientContext first, second;
  ASSERT_TRUE(rpc.stub->ModelInfer(&first, request, &raw).ok());
  EXPECT_EQ(raw.id(), "one");
  EXPECT_EQ(raw.model_version(), "1");
  EXPECT_EQ(first_of(raw.raw_output_contents(0)), 8);
  EXPECT_EQ(first_of(raw.raw_output_contents(1)), 2);
  request.clear_raw_input_contents();
  for (int i = 0; i < 2; ++i) {
    auto& contents = *request.mutable_inputs(i)->mutable_contents();
    for (int k = 0; k < 16; ++k) contents.add_int_contents(i == 0 ? 5 : 3);
  }
  ASSERT_TRUE(rpc.stub->ModelInfer(&second, request, &typed).ok());
  EXPECT_EQ(typed.SerializeAsString(), raw.SerializeAsString());
}

TEST(InferenceService, TellsWhatItServes) {
  const TemporaryFolder root;
  write_model(root.path(), "simple", simple_config(), "simple");
  RpcServer rpc(root);
  {
    grpc::ClientContext context;
    inference::ModelConfigRequest request;
    request.set_name("simple");
    inference::ModelConfigResponse response;
    ASSERT_TRUE(rpc.stub->ModelConfig(&context, request, &response).ok());
    EXPECT_EQ(response.config().max_batch_size(), 8);
    EXPECT_EQ(response.config().input(0).name(), "INPUT0");
  }
  {
    grpc::ClientContext context;
    inference::ModelStatisticsResponse response;
    ASSERT_TRUE(rpc.stub->ModelStatistics(&context, {}, &response).ok());
    EXPECT_EQ(response.model_stats_size(), 1);
  }
  {
    grpc::ClientContext context;
    inference::ServerMetadataResponse response;
    ASSERT_TRUE(rpc.stub->ServerMetadata(&context, {}, &response).ok());
    EXPECT_EQ(response.name(), "scrim");
  }
}

TEST(InferenceService, LoadsAndUnloadsByName) {
  const TemporaryFolder root;
  write_model(root.path(), "simple", simple_config(), "simple");
  RpcServer rpc(root, "", ControlMode::kExplicit);
  const auto ready = [&] {
    grpc::ClientContext context;
    inference::ModelReadyRequest request;
    request.set_name("simple");
    inference::ModelReadyResponse response;
    const grpc::Status status = rpc.stub->ModelReady(&context, request, &response);
    return status.ok() && response.ready();
  };
  EXPECT_FALSE(ready());
  grpc::ClientContext load_context, unload_context;
  inference::RepositoryModelLoadRequest load;
  load.set_model_name("simple");
  inference::RepositoryModelLoadResponse loaded;
  EXPECT_TRUE(rpc.stub->RepositoryModelLoad(&load_context, load, &loaded).ok());
  EXPECT_TRUE(ready());
  inference::RepositoryModelUnloadRequest unload;
  unload.set_model_name("simple");
  inference::RepositoryModelUnloadResponse unloaded;
  EXPECT_TRUE(rpc.stub->RepositoryModelUnload(&unload_context, unload, &unloaded).ok());
  EXPECT_FALSE(ready());
}

TEST(InferenceService, AClientThatLeavesIsToldToTheService) {
  FakeService service;
  std::promise<std::pair<std::stop_token, InferDone>> accepted;
  service.on_infer = [&](const InferCall& call, InferDone done) {
    accepted.set_value({call.gone, std::move(done)});
  };
  GrpcServer server(service, {});
  const auto stub = inference::GRPCInferenceService::NewStub(channel_to(server));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  inference::ModelInferResponse response;
  EXPECT_EQ(stub->ModelInfer(&context, simple_call(1, 2), &response).error_code(),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  const auto [gone, done] = accepted.get_future().get();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!gone.stop_requested() && std::chrono::steady_clock::now() < end) {
    std::this_thread::yield();
  }
  EXPECT_TRUE(gone.stop_requested());
  done(RequestError(RequestFault::kUnavailable, "dropped"));
}

}  // namespace
}  // namespace scrim
