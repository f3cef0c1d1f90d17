#include "rpc/infer_stream.h"

#include "rpc/rpc_client.h"

#include <gtest/gtest.h>

#include <future>

namespace scrim {
namespace {

struct StreamFixture {
  StreamFixture() { write_model(root.path(), "simple", simple_config(), "simple"); }

  TemporaryFolder root;
};

TEST(InferStream, AnswersInOrder) {
  const StreamFixture f;
  RpcServer rpc(f.root);
  grpc::ClientContext context;
  const auto stream = rpc.stub->ModelStreamInfer(&context);
  constexpr int kCalls = 3 * static_cast<int>(InferStream::kMostWaiting);
  auto writing = std::async(std::launch::async, [&] {
    for (int i = 0; i < kCalls; ++i) {
      if (!stream->Write(simple_call(i, 1, std::to_string(i)))) return false;
    }
    return stream->WritesDone();
  });
  inference::ModelStreamInferResponse response;
  for (int i = 0; i < kCalls; ++i) {
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.error_message(), "");
    EXPECT_EQ(response.infer_response().id(), std::to_string(i));
    EXPECT_EQ(first_of(response.infer_response().raw_output_contents(0)), i + 1);
  }
  EXPECT_TRUE(writing.get());
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(InferStream, ABadRequestIsAMessageAndTheStreamGoesOn) {
  const StreamFixture f;
  RpcServer rpc(f.root);
  grpc::ClientContext context;
  const auto stream = rpc.stub->ModelStreamInfer(&context);
  auto bad = simple_call(1, 2, "bad");
  bad.mutable_raw_input_contents()->RemoveLast();
  auto unknown = simple_call(1, 2, "unknown");
  unknown.set_model_name("nope");
  stream->Write(bad);
  stream->Write(unknown);
  stream->Write(simple_call(1, 2, "good"));
  inference::ModelStreamInferResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error_message(),
            "unable to find data for input tensor 'INPUT1' for model 'simple' in request.");
  EXPECT_EQ(response.infer_response().id(), "bad");
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error_message(), "Request for unknown model: 'nope' is not found");
  EXPECT_EQ(response.infer_response().id(), "unknown");
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.error_message(), "");
  EXPECT_EQ(response.infer_response().id(), "good");
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(InferStream, MarksTheFinalResponseWhereAClientAsks) {
  const StreamFixture f;
  RpcServer rpc(f.root);
  grpc::ClientContext context;
  const auto stream = rpc.stub->ModelStreamInfer(&context);
  auto request = simple_call(1, 2);
  (*request.mutable_parameters())["triton_enable_empty_final_response"].set_bool_param(true);
  stream->Write(request);
  inference::ModelStreamInferResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_TRUE(response.infer_response().parameters().at("triton_final_response").bool_param());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST(InferStream, AnIdleStreamEndsWithTheServer) {
  const StreamFixture f;
  RpcServer rpc(f.root);
  grpc::ClientContext context;
  const auto stream = rpc.stub->ModelStreamInfer(&context);
  stream->Write(simple_call(1, 2));
  inference::ModelStreamInferResponse response;
  ASSERT_TRUE(stream->Read(&response));
  const auto begin = std::chrono::steady_clock::now();
  auto stopped = std::async(std::launch::async, [&] { rpc.server.stop(std::chrono::seconds(60)); });
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
  stopped.get();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(InferStream, AClientThatLeavesIsForgotten) {
  const StreamFixture f;
  RpcServer rpc(f.root);
  grpc::ClientContext context;
  const auto stream = rpc.stub->ModelStreamInfer(&context);
  stream->Write(simple_call(1, 2));
  context.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  rpc.server.stop(std::chrono::seconds(30));
}

}  // namespace
}  // namespace scrim
