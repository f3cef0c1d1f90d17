#include "server/model_service.h"

#include "protocol/expect_request_error.h"
#include "server/noisy_tensor.h"
#include "server/small_models.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <future>

namespace scrim {
namespace {

using std::chrono::milliseconds;

ServiceOptions options_for(const TemporaryFolder& root, ControlMode control = ControlMode::kNone) {
  ServiceOptions options;
  options.repositories = {root.path()};
  options.control = control;
  options.poll_interval = milliseconds(5);
  options.exit_on_error = false;
  return options;
}

InferResult infer(Service& service, const std::string& model, InferRequest request) {
  std::promise<InferResult> promise;
  service.infer({model, "", std::move(request), nullptr, {}},
                [&](InferResult result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

// Waits at most ten seconds for something that a poll brings about.
template <typename Condition>
bool comes_true(const Condition& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(milliseconds(2));
  }
  return true;
}

bool serves(const Service& service, const std::string& model, const std::string& version) {
  try {
    return service.model_ready(model, version);
  } catch (const RequestError&) {
    return false;
  }
}

TEST(ModelService, LoadsWhatLiesThereAndAnswers) {
  const TemporaryFolder root;
  write_model(root.path(), "simple", simple_config(), "simple");
  ModelService service(options_for(root), file_engines());
  EXPECT_TRUE(service.ready());
  const InferResult result = infer(service, "simple", simple_request(1, 2, 3));
  EXPECT_EQ(std::get<InferResponse>(result).outputs.size(), 2U);
  const ModelMetadata metadata = service.model_metadata("simple", "");
  EXPECT_EQ(metadata.inputs.at(0).shape, std::vector<std::int64_t>({-1, 16}));
  EXPECT_EQ(service.statistics("simple", "").at(0).success.count, 1U);
  EXPECT_TRUE(
      std::holds_alternative<RequestError>(infer(service, "nope", simple_request(1, 2, 3))));
}

TEST(ModelService, AModelThatFailsAtTheStartEndsItOrKeepsItUnready) {
  const TemporaryFolder root;
  write_model(root.path(), "good", identity_config(), "identity");
  write_model(root.path(), "bad", identity_config(), "junk");
  write_model(root.path(), "misnamed", "name: 'other' " + identity_config(), "identity");
  ServiceOptions options = options_for(root);
  std::vector<std::string> log;
  options.log = [&](const std::string& line) { log.push_back(line); };
  {
    const ModelService service(options, file_engines());
    EXPECT_FALSE(service.ready());
    EXPECT_TRUE(service.model_ready("good", ""));
    EXPECT_EQ(log.size(), 3U);
  }
  options.strict_readiness = false;
  EXPECT_TRUE(ModelService(options, file_engines()).ready());
  options.exit_on_error = true;
  expect_error(ErrorCode::kUnavailable, "failed to load 1 model: 'bad'",
               [&] { ModelService(options, file_engines()); });
  options.repositories = {root / "missing"};
  expect_error(ErrorCode::kNotFound, "no folder", [&] { ModelService(options, file_engines()); });
}

TEST(ModelService, ExplicitlyOnlyTheNamedAreLoadedAndClientsLoadTheRest) {
  const TemporaryFolder root;
  for (const char* name : {"a", "b"}) write_model(root.path(), name, identity_config(), "identity");
  ServiceOptions options = options_for(root, ControlMode::kExplicit);
  options.load = {"a"};
  ModelService service(options, file_engines());
  EXPECT_TRUE(serves(service, "a", ""));
  EXPECT_FALSE(serves(service, "b", ""));
  service.load("b", std::nullopt);
  EXPECT_TRUE(serves(service, "b", ""));
  service.unload("b");
  EXPECT_FALSE(serves(service, "b", ""));
  EXPECT_TRUE(service.ready());
  service.unload("never seen");
  expect_request_error(RequestFault::kInternal, "failed to load 'c', failed to poll",
                       [&] { service.load("c", std::nullopt); });
  for (const char* name : {"..", "a/b", "."}) {
    expect_request_error(RequestFault::kInvalid, "path traversal",
                         [&] { service.load(name, std::nullopt); });
  }
}

TEST(ModelService, AnOverrideLastsUntilTheNextPlainLoad) {
  const TemporaryFolder root;
  write_model(root.path(), "a", identity_config(), "identity");
  ModelService service(options_for(root, ControlMode::kExplicit), file_engines());
  service.load("a", parse_model_config(identity_config("", 3), "a").json);
  EXPECT_EQ(service.model_config("a", "")->max_batch_size, 3);
  expect_request_error(RequestFault::kInternal, "failed to poll",
                       [&] { service.load("a", "{bad"); });
  EXPECT_EQ(service.model_config("a", "")->max_batch_size, 3);
  service.load("a", std::nullopt);
  EXPECT_EQ(service.model_config("a", "")->max_batch_size, 64);
}

TEST(ModelService, AFailedLoadSaysWhichVersionAndWhy) {
  const TemporaryFolder root;
  write_model(root.path(), "a", identity_config(), "junk");
  ModelService service(options_for(root, ControlMode::kExplicit), file_engines());
  expect_request_error(RequestFault::kInvalid,
                       "load failed for model 'a': version 1 is at UNAVAILABLE state: model 'a' "
                       "has a broken file",
                       [&] { service.load("a", std::nullopt); });
  EXPECT_FALSE(service.ready());
  write_model(root.path(), "a", identity_config(), "identity");
  service.load("a", std::nullopt);
  EXPECT_TRUE(service.ready());
}

TEST(ModelService, InOtherModesNothingIsLoadedByClients) {
  const TemporaryFolder root;
  write_model(root.path(), "a", identity_config(), "identity");
  for (const ControlMode control : {ControlMode::kNone, ControlMode::kPoll}) {
    ModelService service(options_for(root, control), file_engines());
    expect_request_error(RequestFault::kUnavailable, "explicit model load / unload is not allowed",
                         [&] { service.load("a", std::nullopt); });
    expect_request_error(RequestFault::kUnavailable, "explicit model load / unload is not allowed",
                         [&] { service.unload("a"); });
  }
}

// The rows of what a poll must do.
TEST(ModelService, APollFollowsTheDisk) {
  const TemporaryFolder root;
  write_model(root.path(), "a", identity_config(), "identity");
  const ModelService service(options_for(root, ControlMode::kPoll), file_engines());
  EXPECT_TRUE(serves(service, "a", "1"));

  write_model(root.path(), "new", identity_config(), "identity");
  EXPECT_TRUE(comes_true([&] { return serves(service, "new", ""); }));

  write_model(root.path(), "a", identity_config(), "identity", 2);
  EXPECT_TRUE(comes_true([&] { return serves(service, "a", "2"); }));
  EXPECT_FALSE(serves(service, "a", "1"));

  std::filesystem::remove_all(root / "new");
  EXPECT_TRUE(comes_true([&] { return !serves(service, "new", ""); }));
  EXPECT_TRUE(comes_true([&] { return service.index(false).size() == 2; }));
  EXPECT_TRUE(service.ready());
}

TEST(ModelService, APollThatFindsJunkKeepsWhatServes) {
  const TemporaryFolder root;
  write_model(root.path(), "a", identity_config(), "identity");
  std::atomic<int> failures = 0;
  ServiceOptions options = options_for(root, ControlMode::kPoll);
  options.log = [&](const std::string& line) {
    failures +=
        line.find("failed") != std::string::npos || line.find("not loaded") != std::string::npos;
  };
  ModelService service(options, file_engines());
  write_file_atomically(root / "a" / "1" / "model.pt", "junk");
  EXPECT_TRUE(comes_true([&] { return failures == 1; }));
  write_file_atomically(root / "a" / "config.pbtxt", "not a config");
  EXPECT_TRUE(comes_true([&] { return failures == 2; }));
  EXPECT_TRUE(service.ready());
  InferRequest request;
  request.inputs.push_back(tensor<float>("INPUT0", Datatype::kFp32, {1, 1}, {7}));
  EXPECT_TRUE(std::holds_alternative<InferResponse>(infer(service, "a", std::move(request))));
}

TEST(ModelService, ARepositoryThatVanishesLeavesWhatIsLoaded) {
  const TemporaryFolder parent;
  const auto root = parent / "models";
  write_model(root, "a", identity_config(), "identity");
  std::atomic<bool> told = false;
  ServiceOptions options = options_for(parent, ControlMode::kPoll);
  options.repositories = {root};
  options.log = [&](const std::string& line) {
    if (line.find("no folder") != std::string::npos) told = true;
  };
  const ModelService service(options, file_engines());
  std::filesystem::rename(root, parent / "elsewhere");
  EXPECT_TRUE(comes_true([&] { return told.load(); }));
  EXPECT_TRUE(serves(service, "a", ""));
}

TEST(ModelService, DrainingTakesNoMoreAndWaitsForWhatWasAccepted) {
  const TemporaryFolder root;
  write_model(root.path(), "a", identity_config(), "gated");
  Gate gate;
  const Engines engines = {{"pytorch", [&](const ModelConfig&, const std::filesystem::path&) {
                              return std::make_unique<GatedIdentity>(gate);
                            }}};
  ModelService service(options_for(root), engines);
  std::promise<InferResult> promise;
  InferRequest request;
  request.inputs.push_back(tensor<float>("INPUT0", Datatype::kFp32, {1, 1}, {7}));
  service.infer({"a", "", request, nullptr, {}},
                [&](InferResult result) { promise.set_value(std::move(result)); });
  gate.await(1);
  EXPECT_FALSE(service.drain(milliseconds(1)));
  EXPECT_FALSE(service.ready());
  const InferResult refused = infer(service, "a", request);
  EXPECT_EQ(std::get<RequestError>(refused).fault(), RequestFault::kUnavailable);
  gate.open();
  EXPECT_TRUE(service.drain(std::chrono::seconds(10)));
  EXPECT_TRUE(std::holds_alternative<InferResponse>(promise.get_future().get()));
}

TEST(ModelService, TwoRepositoriesWithOneNameLoadNeither) {
  const TemporaryFolder root, other;
  write_model(root.path(), "a", identity_config(), "identity");
  write_model(other.path(), "a", identity_config(), "identity");
  ServiceOptions options = options_for(root);
  options.repositories.push_back(other.path());
  const ModelService service(options, file_engines());
  EXPECT_FALSE(serves(service, "a", ""));
}

// A model that takes one activation of 2 x H x W with noise of its release.
std::string contract_config(const std::string& sigma = "[1,1]") {
  return "backend: \"pytorch\" max_batch_size: 0 "
         "input { name: \"INPUT__0\" data_type: TYPE_FP32 dims: [-1, 2, -1, -1] } "
         "output { name: \"OUTPUT__0\" data_type: TYPE_FP32 dims: [-1, 2, -1, -1] } "
         "parameters { key: \"scrim_release\" value { string_value: \"" +
         std::string(64, 'a') +
         "\" } } parameters { key: \"scrim_contract\" value { string_value: "
         "'{\"format\":\"scrim-contract\",\"format_version\":1,\"channels\":2,\"directions\":2,"
         "\"alphas\":[{\"alpha\":0.5,\"scale\":[1,1],\"sigma\":" +
         sigma + "}]}' } }";
}

InferRequest noisy_request(float sigma, bool with_provenance) {
  InferRequest request;
  request.inputs.push_back(noisy_tensor({1, 2, 16, 16}, 1, {sigma, sigma}, 5));
  if (with_provenance) {
    request.parameters = {{"scrim_release", std::string(64, 'a')}, {"scrim_alpha", 0.5}};
  }
  return request;
}

TEST(ModelService, AContractIsEnforcedBeforeTheModelRuns) {
  const TemporaryFolder root;
  write_model(root.path(), "noisy", contract_config(), "identity");
  ModelService service(options_for(root), file_engines());
  EXPECT_TRUE(
      std::holds_alternative<InferResponse>(infer(service, "noisy", noisy_request(1, true))));
  const InferResult clean = infer(service, "noisy", noisy_request(0, true));
  EXPECT_EQ(http_status(std::get<RequestError>(clean).fault()), 422);
  infer(service, "noisy", noisy_request(1, false));
  const ModelStatistics numbers = service.statistics("noisy", "").at(0);
  EXPECT_EQ(numbers.execution_count, 1U);
  EXPECT_EQ(numbers.refusals.at("NO_NOISE"), 1U);
  EXPECT_EQ(numbers.refusals.at("MISSING"), 1U);
  EXPECT_EQ(numbers.fail.count, 0U);
}

TEST(ModelService, ALoadRequestMayNotTakeAContractAway) {
  const TemporaryFolder root;
  write_model(root.path(), "noisy", contract_config(), "identity");
  ModelService service(options_for(root, ControlMode::kExplicit), file_engines());
  service.load("noisy", std::nullopt);
  const std::string own = service.model_config("noisy", "")->json;
  service.load("noisy", own);
  auto open = nlohmann::json::parse(own);
  open.erase("parameters");
  expect_request_error(RequestFault::kInternal, "failed to load 'noisy'",
                       [&] { service.load("noisy", open.dump()); });
  const InferResult clean = infer(service, "noisy", noisy_request(0, true));
  EXPECT_EQ(http_status(std::get<RequestError>(clean).fault()), 422);
}

TEST(ModelService, AModelWhoseContractIsBrokenIsNotServed) {
  const TemporaryFolder root;
  write_model(root.path(), "noisy", contract_config("[1]"), "identity");
  ModelService service(options_for(root), file_engines());
  EXPECT_FALSE(serves(service, "noisy", ""));
}

}  // namespace
}  // namespace scrim
