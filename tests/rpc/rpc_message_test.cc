#include "rpc/rpc_message.h"

#include "protocol/expect_request_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(RpcMessage, MetadataKeepsItsParts) {
  const auto server = message_of(ServerMetadata{"scrim", "1", {"a", "b"}});
  EXPECT_EQ(server.name(), "scrim");
  EXPECT_EQ(server.extensions(1), "b");
  const auto model = message_of(
      ModelMetadata{"m", {"1", "2"}, "pytorch_libtorch", {{"X", Datatype::kInt32, {-1, 16}}}, {}});
  EXPECT_EQ(model.versions(1), "2");
  EXPECT_EQ(model.inputs(0).datatype(), "INT32");
  EXPECT_EQ(model.inputs(0).shape(0), -1);
}

TEST(RpcMessage, StatisticsKeepTheirNumbers) {
  ModelStatistics model;
  model.name = "m";
  model.inference_count = 24;
  model.execution_count = 3;
  model.success = {3, 900};
  model.batches.push_back({8, {3, 10}, {3, 20}, {3, 30}});
  const auto message = message_of(std::vector<ModelStatistics>{model});
  EXPECT_EQ(message.model_stats(0).inference_count(), 24U);
  EXPECT_EQ(message.model_stats(0).inference_stats().success().ns(), 900U);
  EXPECT_EQ(message.model_stats(0).batch_stats(0).compute_infer().ns(), 20U);
}

TEST(RpcMessage, TheIndexShowsReasons) {
  const auto message = message_of(std::vector<IndexEntry>{{"m", "1", "UNAVAILABLE", "unloaded"}});
  EXPECT_EQ(message.models(0).reason(), "unloaded");
}

TEST(RpcMessage, ALoadTakesAConfigAndNothingElse) {
  inference::RepositoryModelLoadRequest request;
  EXPECT_FALSE(config_override(request));
  auto& parameters = *request.mutable_parameters();
  parameters["config"].set_string_param("{}");
  EXPECT_EQ(config_override(request), "{}");
  parameters["config"].set_bool_param(true);
  expect_request_error(RequestFault::kInvalid, "expected string_param",
                       [&] { config_override(request); });
  parameters["config"].set_string_param("{}");
  parameters["file:1/model.pt"].set_bytes_param("x");
  expect_request_error(RequestFault::kUnsupported, "not taken over the network",
                       [&] { config_override(request); });
  parameters.clear();
  parameters["other"].set_bool_param(true);
  expect_request_error(RequestFault::kInvalid, "unrecognized load parameter 'other'",
                       [&] { config_override(request); });
  request.set_repository_name("elsewhere");
  expect_request_error(RequestFault::kUnsupported, "'repository_name'",
                       [&] { config_override(request); });
}

TEST(RpcMessage, AnUnloadChecksItsOneParameter) {
  inference::RepositoryModelUnloadRequest request;
  check_unload(request);
  (*request.mutable_parameters())["unload_dependents"].set_bool_param(true);
  check_unload(request);
  (*request.mutable_parameters())["unload_dependents"].set_string_param("yes");
  expect_request_error(RequestFault::kInvalid, "expected bool_param",
                       [&] { check_unload(request); });
}

TEST(RpcMessage, AFaultHasItsCodeAndALongSentenceIsCut) {
  const auto status = status_of({RequestFault::kNotFound, "gone"});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status.error_message(), "gone");
  const auto cut = status_of({RequestFault::kInvalid, std::string(100'000, 'x')});
  EXPECT_LT(cut.error_message().size(), 5000U);
}

}  // namespace
}  // namespace scrim
