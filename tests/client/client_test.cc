#include <scrim/client.h>
#include <scrim/noise.h>

#include "base/json.h"
#include "protocol/infer_request.h"
#include "protocol/infer_response.h"
#include "protocol/provenance.h"
#include "support/expect_error.h"
#include "support/scripted_server.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

constexpr const char* kModel = "face_detection_noisy";

Key test_key(std::uint8_t byte) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(byte);
  return Key::from_bytes(bytes);
}

std::string contract_text(const Release& release) {
  std::ifstream file(release.folder() / "server" / "contract.json", std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// What a server says of a model of this release; `change` alters its parameters.
std::string config_of(
    const Release& release, const std::vector<std::string>& inputs,
    const std::function<void(Json&)>& change = [](Json&) {}) {
  Json config = {{"name", kModel}, {"input", Json::array()}, {"output", Json::array()}};
  for (const std::string& input : inputs) config["input"].push_back({{"name", input}});
  for (const char* output : {"OUTPUT__0", "OUTPUT__1"}) {
    config["output"].push_back({{"name", output}});
  }
  config["parameters"] = {{"scrim_release", {{"string_value", release.id()}}},
                          {"scrim_contract", {{"string_value", contract_text(release)}}}};
  change(config);
  return config.dump();
}

TensorMessage float_output(const std::string& name, std::vector<float> values, bool binary) {
  TensorMessage output;
  output.name = name;
  output.shape = {static_cast<std::int64_t>(values.size())};
  output.bytes = TensorBytes::own(
      {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
  output.binary = binary;
  return output;
}

// As a server answers, in another order than its config has.
ScriptedServer::Answer outputs_answer(bool binary) {
  InferResponse response{kModel, "3", "", {}, {}};
  response.outputs.push_back(float_output("OUTPUT__1", {7}, binary));
  response.outputs.push_back(float_output("OUTPUT__0", {1.5F, -2}, binary));
  const HttpBody body = format_infer_response(response);
  auto answer = scripted(200, body.bytes);
  if (body.json_length) {
    answer.set("Inference-Header-Content-Length", std::to_string(*body.json_length));
  }
  return answer;
}

InferRequest sent(const ScriptedServer::Request& request) {
  const auto header = request["Inference-Header-Content-Length"];
  std::optional<std::size_t> length;
  if (!header.empty())
    length = json_length_of({header.data(), header.size()}, request.body().size());
  InferRequest read = parse_infer_request(request.body(), length, kModel);
  for (TensorMessage& input : read.inputs) {
    input.bytes = TensorBytes::own(std::string(input.bytes.view()));
  }
  return read;
}

struct ClientFixture : testing::Test {
  NoisyActivation noisy(NoiseOptions options = {}) const {
    Activation activation{{{1, 3, 4, 4}, std::vector<float>(48, 0.5F)}, release.id()};
    return Noise(release, test_key(1), std::move(options))(activation);
  }

  // A server of one model with this config.
  ScriptedServer::Script serving(const std::string& config, bool binary = true) const {
    return [config, binary](const ScriptedServer::Request& request) {
      return request.method_string() == "GET" ? scripted(200, config) : outputs_answer(binary);
    };
  }

  int posts(const ScriptedServer& server) const {
    int count = 0;
    for (const auto& request : server.requests()) count += request.method_string() == "POST";
    return count;
  }

  TemporaryFolder folder;
  Release release = tiny_release(folder, tiny_noise());
};

TEST_F(ClientFixture, ANoisyActivationGoesAsItIsAndItsOutputsComeInOrder) {
  ScriptedServer server(serving(config_of(release, {"INPUT__0"})));
  Client client(server.address());
  const NoisyActivation activation = noisy();
  const Inference inference = client.infer(kModel, activation);
  ASSERT_EQ(inference.outputs.size(), 2U);
  EXPECT_EQ(inference.outputs[0].values, std::vector<float>({1.5F, -2}));
  EXPECT_EQ(inference.outputs[1].values, std::vector<float>({7}));
  EXPECT_EQ(inference.model_version, "3");
  client.infer(kModel, activation);

  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 3U);  // its config once
  EXPECT_EQ(requests[0].target(), "/v2/models/face_detection_noisy/config");
  EXPECT_EQ(requests[1].target(), "/v2/models/face_detection_noisy/infer");
  EXPECT_EQ(requests[1].body().size(), inference.bytes_sent);
  EXPECT_EQ(server.connections(), 1);
  const InferRequest request = sent(requests[1]);
  EXPECT_EQ(request.parameters, (Parameters{{"scrim_release", release.id()},
                                            {"scrim_alpha", 0.8},
                                            {"scrim_wire", std::string("fp32")}}));
  EXPECT_TRUE(request.binary_outputs);
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(request.inputs[0].shape, activation.tensor().shape);
  const std::vector<float>& values = activation.tensor().values;
  EXPECT_EQ(request.inputs[0].bytes.view(),
            std::string_view(reinterpret_cast<const char*>(values.data()), 48 * sizeof(float)));
}

TEST_F(ClientFixture, JsonCarriesTheSameValues) {
  ScriptedServer server(serving(config_of(release, {"INPUT__0"}), false));
  Client client(server.address(), {.json = true});
  const NoisyActivation activation = noisy();
  EXPECT_EQ(client.infer(kModel, activation).outputs[0].values, std::vector<float>({1.5F, -2}));
  const InferRequest request = sent(server.requests().at(1));
  EXPECT_FALSE(request.binary_outputs);
  EXPECT_EQ(server.requests().at(1)["Content-Type"], "application/json");
  const std::vector<float>& values = activation.tensor().values;
  EXPECT_EQ(request.inputs.at(0).bytes.view(),
            std::string_view(reinterpret_cast<const char*>(values.data()), 48 * sizeof(float)));
}

TEST_F(ClientFixture, ATagProvesWhoSentWhat) {
  ScriptedServer server(serving(config_of(release, {"INPUT__0"})));
  Client client(server.address(), {.tag = ClientTag{"camera", test_key(9)}});
  const NoisyActivation activation = noisy({.draw = Draw::kFresh});
  client.infer(kModel, activation);
  const InferRequest request = sent(server.requests().at(1));
  EXPECT_EQ(activation.fresh_nonce().size(), 32U);
  EXPECT_NE(activation.fresh_nonce(), noisy({.draw = Draw::kFresh}).fresh_nonce());
  EXPECT_EQ(noisy().fresh_nonce(), "");
  const Provenance provenance{release.id(), 0.8, "fp32", activation.fresh_nonce(), "camera"};
  EXPECT_EQ(text_parameter(request.parameters, "scrim_nonce"), activation.fresh_nonce());
  EXPECT_EQ(text_parameter(request.parameters, "scrim_tag"),
            hex(provenance_tag(test_key(9).bytes(), kModel, provenance, request.inputs)));
}

TEST_F(ClientFixture, CodesGoToAModelOfTheirWire) {
  const auto fixed = [](Json& config) {
    config["parameters"]["scrim_wire"] = {{"string_value", "int8"}};
    config["parameters"]["scrim_alpha"] = {{"string_value", "0.8"}};
  };
  ScriptedServer server(serving(config_of(release, {"INPUT__0"}, fixed)));
  Client client(server.address());
  const NoisyActivation activation = noisy({.wire = WireType::kInt8});
  client.infer(kModel, activation);
  const InferRequest request = sent(server.requests().at(1));
  ASSERT_EQ(request.inputs.size(), 1U);
  EXPECT_EQ(request.inputs[0].datatype, Datatype::kInt8);
  EXPECT_EQ(request.inputs[0].shape, std::vector<std::int64_t>({1, 3, 4, 4}));
  const float step = release.noise().sigma[1][0] / 2;
  for (std::size_t i = 0; i < 48; ++i) {
    const auto code = static_cast<std::int8_t>(request.inputs[0].bytes.view()[i]);
    EXPECT_EQ(static_cast<float>(code) * step, activation.tensor().values[i]);
  }
  expect_error(ErrorCode::kRefused, "takes int8 of alpha 0.8, the noisy activation is fp32",
               [&] { client.infer(kModel, noisy()); });
  EXPECT_EQ(posts(server), 1);
}

TEST_F(ClientFixture, NothingIsSentToAModelOfAnotherContract) {
  struct Case {
    const char* sentence;
    std::function<void(Json&)> change;
  };
  const Case cases[] = {{"declares no obfuscation contract",
                         [](Json& config) { config["parameters"] = Json::object(); }},
                        {"is of release aaaaaaaaaaaa",
                         [](Json& config) {
                           config["parameters"]["scrim_release"]["string_value"] =
                               std::string(64, 'a');
                         }},
                        {"declares another contract than its release has", [](Json& config) {
                           auto& text = config["parameters"]["scrim_contract"]["string_value"];
                           text = text.get<std::string>() + " ";
                         }}};
  for (const Case& one : cases) {
    ScriptedServer server(serving(config_of(release, {"INPUT__0"}, one.change)));
    Client client(server.address());
    expect_error(ErrorCode::kRefused, one.sentence, [&] { client.infer(kModel, noisy()); });
    EXPECT_EQ(posts(server), 0);
  }
  for (const char* config : {"<html>", "{}", R"({"input":[],"output":[],"parameters":{"a":1}})"}) {
    ScriptedServer server(serving(config));
    Client client(server.address());
    expect_error(ErrorCode::kCorrupt, "the server's config",
                 [&] { client.infer(kModel, noisy()); });
  }
}

TEST_F(ClientFixture, AContractMayBeWaivedForAModelWithoutOne) {
  const auto none = [](Json& config) { config["parameters"] = Json::object(); };
  ScriptedServer server(serving(config_of(release, {"X"}, none)));
  Client client(server.address(), {.require_contract = false});
  EXPECT_EQ(client.infer(kModel, noisy()).outputs.size(), 2U);
  EXPECT_EQ(sent(server.requests().at(1)).inputs.at(0).name, "X");
}

TEST_F(ClientFixture, CleanDataNeedsItsOwnCallAndNeverGoesToAContract) {
  const Tensor clean{{1, 2}, {1, 2}};
  ScriptedServer guarded(serving(config_of(release, {"INPUT__0"})));
  Client client(guarded.address());
  expect_error(ErrorCode::kRefused, "takes obfuscated activations only",
               [&] { client.infer_clean(kModel, clean); });
  EXPECT_EQ(posts(guarded), 0);
  const auto none = [](Json& config) { config["parameters"] = Json::object(); };
  ScriptedServer open(serving(config_of(release, {"X"}, none)));
  Client other(open.address());
  EXPECT_EQ(other.infer_clean(kModel, clean).outputs.size(), 2U);
  EXPECT_TRUE(sent(open.requests().at(1)).parameters.empty());
}

TEST_F(ClientFixture, ARefusalIsTheServersSentenceAndItsKind) {
  const std::pair<unsigned, ErrorCode> kinds[] = {
      {400, ErrorCode::kInvalidArgument}, {403, ErrorCode::kRefused},
      {404, ErrorCode::kNotFound},        {422, ErrorCode::kRefused},
      {500, ErrorCode::kUnavailable},     {501, ErrorCode::kUnsupported},
      {503, ErrorCode::kUnavailable}};
  const std::string config = config_of(release, {"INPUT__0"});
  for (const auto& [status, code] : kinds) {
    ScriptedServer server([&, given = status](const ScriptedServer::Request& request) {
      return request.method_string() == "GET"
                 ? scripted(200, config)
                 : scripted(given, R"({"error":"no \u001b[1m today"})");
    });
    Client client(server.address());
    expect_error(code, "answers with status " + std::to_string(status) + ": no  [1m today",
                 [&] { client.infer(kModel, noisy()); });
    // Its model may have changed: the next call looks again.
    expect_error(code, "answers with status", [&] { client.infer(kModel, noisy()); });
    EXPECT_EQ(server.requests().size(), 4U);
  }
}

TEST_F(ClientFixture, OnlyCallsThatAskAreTriedAgain) {
  std::atomic<int> broken = 2;
  const std::string config = config_of(release, {"INPUT__0"});
  ScriptedServer server([&](const ScriptedServer::Request& request) {
    ScriptedServer::Answer nothing;
    nothing.result(0U);
    if (request.method_string() == "POST" || broken-- > 0) return nothing;
    return scripted(200, config);
  });
  Client client(server.address());
  expect_error(ErrorCode::kUnavailable, "broke the call off",
               [&] { client.infer(kModel, noisy()); });
  EXPECT_EQ(server.requests().size() - static_cast<std::size_t>(posts(server)), 3U);
}

TEST_F(ClientFixture, AServerThatIsAwayOrSilentIsNamed) {
  std::string address;
  {
    address = ScriptedServer([](const auto&) { return scripted(200, ""); }).address();
  }
  Client away(address, {.retries = 0});
  expect_error(ErrorCode::kUnavailable, "server " + address + " cannot be reached",
               [&] { away.live(); });
  ScriptedServer silent([](const auto&) {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    return scripted(200, "");
  });
  Client client(silent.address(), {.timeout = std::chrono::milliseconds(50)});
  expect_error(ErrorCode::kUnavailable, "did not answer within 50 ms", [&] { client.ready(); });
}

TEST_F(ClientFixture, AnAnswerBeyondTheLimitIsCutOff) {
  ScriptedServer server([](const auto&) { return scripted(200, std::string(2000, 'x')); });
  Client client(server.address(), {.max_answer_bytes = 1000});
  expect_error(ErrorCode::kCorrupt, "answers with more than 1000 bytes", [&] { client.server(); });
}

TEST_F(ClientFixture, AnAnswerThatIsNoneIsRefused) {
  const std::string config = config_of(release, {"INPUT__0"});
  auto answer = scripted(200, "{}");
  ScriptedServer server([&](const ScriptedServer::Request& request) {
    return request.method_string() == "GET" ? scripted(200, config) : answer;
  });
  Client client(server.address());
  const auto infer = [&] { client.infer(kModel, noisy()); };
  expect_error(ErrorCode::kCorrupt, "is not one to an inference", infer);
  answer.set("Inference-Header-Content-Length", "-1");
  expect_error(ErrorCode::kCorrupt, "that is no number", infer);
  InferResponse response{kModel, "1", "", {}, {}};
  response.outputs.push_back(float_output("OUTPUT__1", {7}, false));
  answer = scripted(200, format_infer_response(response).bytes);
  expect_error(ErrorCode::kCorrupt, "lacks output 'OUTPUT__0'", infer);
  response.outputs[0].name = "OUTPUT__0";
  response.outputs[0].datatype = Datatype::kInt32;
  answer = scripted(200, format_infer_response(response).bytes);
  expect_error(ErrorCode::kUnsupported, "output 'OUTPUT__0' is INT32, and this client reads FP32",
               infer);
}

TEST_F(ClientFixture, HeadersGoWithEveryCall) {
  ScriptedServer server([](const auto&) { return scripted(200, R"({"name":"s","version":"1"})"); });
  Client client(server.address(), {.headers = {{"Authorization", "Bearer x"}}});
  EXPECT_EQ(client.server().name, "s");
  EXPECT_TRUE(client.live() && client.ready() && client.ready(kModel));
  for (const auto& request : server.requests()) EXPECT_EQ(request["Authorization"], "Bearer x");
}

TEST_F(ClientFixture, OneClientServesManyThreads) {
  ScriptedServer server(serving(config_of(release, {"INPUT__0"})));
  Client client(server.address());
  const NoisyActivation activation = noisy();
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) {
          answered += client.infer(kModel, activation).outputs.size() == 2;
        }
      });
    }
  }
  EXPECT_EQ(answered, 80);
  EXPECT_LE(server.connections(), 4);
}

TEST(Client, PlainHttpStaysOnThisMachineUnlessAllowed) {
  expect_error(ErrorCode::kRefused, "server 192.0.2.1:8000 is another machine, and plain HTTP",
               [] { Client("192.0.2.1:8000"); });
  Client("192.0.2.1:8000", {.allow_plain_http = true});
  Client("https://192.0.2.1:8000");
}

TEST(Client, OptionsOutsideTheirRangesAreNamed) {
  const auto refuse = [](const char* part, const ClientOptions& options) {
    expect_error(ErrorCode::kInvalidArgument, part, [&] { Client("localhost", options); });
  };
  refuse("timeout is 0 ms", {.timeout = std::chrono::milliseconds(0)});
  refuse("connect timeout is -1 ms", {.connect_timeout = std::chrono::milliseconds(-1)});
  refuse("retries are 11", {.retries = 11});
  refuse("a header has a name", {.headers = {{"A", "b\r\nC: d"}}});
  refuse("a header has a name", {.headers = {{"", "b"}}});
  refuse("private key belong together", {.tls = {.certificate = "x"}});
  refuse("a client that tags has a name", {.tag = ClientTag{"", test_key(1)}});
  Client client("localhost:1");
  for (const char* model : {"", "a/b", "..", "a b", "a?b"}) {
    expect_error(ErrorCode::kInvalidArgument, "is no name of a model",
                 [&] { client.ready(model); });
  }
}

}  // namespace
}  // namespace scrim
