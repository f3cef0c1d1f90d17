#include "client/model_contract.h"

#include "base/json.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

Json small_config() {
  const Json contract = {
      {"format", "scrim-contract"},
      {"format_version", 1},
      {"channels", 3},
      {"directions", 2},
      {"alphas", {{{"alpha", 0.5}, {"scale", {1.0, 0.5}}, {"sigma", {1.0, 1.0}}}}}};
  return {{"input", {{{"name", "INPUT__0"}}}},
          {"output", {{{"name", "A"}}, {{"name", "B"}}}},
          {"parameters",
           {{"scrim_release", {{"string_value", std::string(64, 'a')}}},
            {"scrim_contract", {{"string_value", contract.dump()}}}}}};
}

TEST(ModelContract, IsReadFromAConfig) {
  const ModelContract contract = parse_model_contract(small_config().dump(), "m");
  EXPECT_EQ(contract.release, std::string(64, 'a'));
  EXPECT_EQ(contract.digest.size(), 64U);
  EXPECT_EQ(contract.wire, WireType::kFp32);
  EXPECT_EQ(contract.inputs, std::vector<std::string>({"INPUT__0"}));
  EXPECT_EQ(contract.outputs, std::vector<std::string>({"A", "B"}));
}

TEST(ModelContract, AWireHasItsTensors) {
  Json config = small_config();
  config["parameters"]["scrim_wire"] = {{"string_value", "int8"}};
  config["parameters"]["scrim_alpha"] = {{"string_value", "0.5"}};
  const ModelContract contract = parse_model_contract(config.dump(), "m");
  EXPECT_EQ(contract.alpha, 0.5);
  ASSERT_EQ(contract.tensors.size(), 1U);
  EXPECT_EQ(contract.tensors[0].planes.size(), 2U);
}

TEST(ModelContract, AModelWithoutOneHasNone) {
  Json config = small_config();
  config.erase("parameters");
  EXPECT_EQ(parse_model_contract(config.dump(), "m").digest, "");
}

TEST(ModelContract, WhatDoesNotHoldTogetherIsRefused) {
  const auto refused = [](const char* part, const auto& change) {
    Json config = small_config();
    change(config);
    expect_error(ErrorCode::kCorrupt, part, [&] { parse_model_contract(config.dump(), "m"); });
  };
  refused("config of model 'm' is none", [](Json& config) { config.erase("input"); });
  refused("is none", [](Json& config) { config["output"] = 1; });
  refused("is none", [](Json& config) { config["parameters"]["x"] = "y"; });
  refused("no scrim_release of 64",
          [](Json& config) { config["parameters"]["scrim_release"]["string_value"] = "a"; });
  refused("is no JSON",
          [](Json& config) { config["parameters"]["scrim_contract"]["string_value"] = "{"; });
  expect_error(ErrorCode::kCorrupt, "config of model 'm'", [] { parse_model_contract("", "m"); });
}

}  // namespace
}  // namespace scrim
