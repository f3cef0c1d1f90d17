#include <scrim/server.h>

#include "server/raw_client.h"
#include "server/small_models.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <torch/csrc/jit/api/module.h>

#include <sstream>

namespace scrim {
namespace {

std::string doubling() {
  torch::jit::Module module("m");
  module.define("def forward(self, x):\n  return x * 2\n");
  std::ostringstream bytes;
  module.save(bytes);
  return bytes.str();
}

ServerOptions options_for(const TemporaryFolder& root) {
  ServerOptions options;
  options.model_repositories = {root.path()};
  options.http_port = 0;
  options.grpc_port = 0;
  options.metrics_port = 0;
  return options;
}

TEST(Server, ServesATorchScriptModelFromDisk) {
  const TemporaryFolder root;
  write_model(root.path(), "twice", identity_config(), doubling());
  Server server(options_for(root));
  EXPECT_EQ(server.models(), std::vector<std::string>({"twice version 1"}));
  RawClient client(*server.http_port());
  const std::string body =
      R"({"inputs":[{"name":"INPUT0","shape":[1,2],"datatype":"FP32","data":[1,2]}]})";
  client.send("POST /v2/models/twice/infer HTTP/1.1\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\n\r\n" + body);
  EXPECT_NE(client.answer().find(R"("data":[2.0,4.0])"), std::string::npos);
  RawClient metrics(*server.metrics_port());
  metrics.send("GET /metrics HTTP/1.1\r\n\r\n");
  EXPECT_NE(metrics.answer().find("nv_inference_count{model=\"twice\",version=\"1\"} 1\n"),
            std::string::npos);
  EXPECT_TRUE(server.stop());
  EXPECT_TRUE(client.is_closed());
}

TEST(Server, PortsMayBeLeftOut) {
  const TemporaryFolder root;
  ServerOptions options = options_for(root);
  options.grpc_port.reset();
  options.metrics_port.reset();
  const Server server(options);
  EXPECT_TRUE(server.http_port());
  EXPECT_FALSE(server.grpc_port());
  EXPECT_FALSE(server.metrics_port());
}

TEST(Server, OptionsOutsideTheirRangesAreNamed) {
  const TemporaryFolder root;
  const auto refuse = [&](const char* part, const auto& change) {
    ServerOptions options = options_for(root);
    change(options);
    expect_error(ErrorCode::kInvalidArgument, part, [&] { const Server server(options); });
  };
  refuse("no model repository", [](auto& o) { o.model_repositories.clear(); });
  refuse("http threads are 0, not 1 to 256", [](auto& o) { o.http_threads = 0; });
  refuse("largest input is 3 bytes", [](auto& o) { o.max_input_bytes = 3; });
  refuse("'x' is no group", [](auto& o) { o.restricted_apis = {"x:k=v"}; });
  refuse("poll interval is 0 s", [](auto& o) { o.poll_interval = std::chrono::seconds(0); });
  refuse("exit timeout is -1 s", [](auto& o) { o.exit_timeout = std::chrono::seconds(-1); });
  ServerOptions options = options_for(root);
  options.model_repositories = {root / "missing"};
  expect_error(ErrorCode::kNotFound, "is no folder", [&] { const Server server(options); });
}

}  // namespace
}  // namespace scrim
