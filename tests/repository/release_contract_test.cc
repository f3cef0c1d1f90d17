#include "repository/release_contract.h"

#include "base/json.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

const std::string kReleaseId(64, 'a');

Json small_contract() {
  return {{"format", "scrim-contract"},
          {"format_version", 1},
          {"channels", 3},
          {"directions", 2},
          {"alphas",
           {{{"alpha", 0.9}, {"scale", {0.3, 0.2}}, {"sigma", {1.0, 1.5}}},
            {{"alpha", 0.2}, {"scale", {0.8, 0.0}}, {"sigma", {0.5, 0.0}}}}}};
}

std::optional<ReleaseContract> read(const Json& json, const std::string& release = kReleaseId) {
  return read_contract({{"scrim_contract", json.dump()}, {"scrim_release", release}}, "m");
}

TEST(ReleaseContract, IsReadWithItsLevelsInOrder) {
  const auto contract = read(small_contract());
  ASSERT_TRUE(contract);
  EXPECT_EQ(contract->release, kReleaseId);
  EXPECT_EQ(contract->directions, 2);
  ASSERT_EQ(contract->levels.size(), 2U);
  EXPECT_EQ(contract->levels[0].alpha, 0.2);
  EXPECT_EQ(contract->levels[1].sigma, std::vector<float>({1.0F, 1.5F}));
}

TEST(ReleaseContract, AWireHoldsAtOneAlphaOnly) {
  const std::map<std::string, std::string> fixed = {{"scrim_contract", small_contract().dump()},
                                                    {"scrim_release", kReleaseId}};
  auto parameters = fixed;
  parameters["scrim_wire"] = "int8";
  parameters["scrim_alpha"] = "0.2";
  const auto contract = read_contract(parameters, "m");
  EXPECT_EQ(contract->wire, WireType::kInt8);
  ASSERT_EQ(contract->levels.size(), 1U);
  const auto tensors = contract->wire_tensors();
  ASSERT_EQ(tensors.size(), 1U);  // the direction that carries nothing is left out
  EXPECT_EQ(tensors[0].planes.size(), 1U);
  EXPECT_EQ(tensors[0].planes[0].step, 0.25F);
  for (const char* alpha : {"0.3", "", "x"}) {
    parameters["scrim_alpha"] = alpha;
    expect_error(ErrorCode::kInvalidArgument, "has no scrim_alpha that it lists",
                 [&] { read_contract(parameters, "m"); });
  }
  parameters["scrim_wire"] = "fp8";
  expect_error(ErrorCode::kInvalidArgument, "none of fp32, fp16, int8",
               [&] { read_contract(parameters, "m"); });
  parameters["scrim_wire"] = "fp32";
  EXPECT_EQ(read_contract(parameters, "m")->levels.size(), 2U);
}

TEST(ReleaseContract, AModelWithoutOneDemandsNothing) {
  EXPECT_FALSE(read_contract({}, "m"));
  EXPECT_FALSE(read_contract({{"scrim_release", kReleaseId}, {"scrim_clean", "true"}}, "m"));
}

TEST(ReleaseContract, OneThatDoesNotHoldTogetherIsRefused) {
  const auto refused = [](const char* sentence, const auto& change) {
    Json json = small_contract();
    change(json);
    expect_error(ErrorCode::kInvalidArgument, sentence, [&] { read(json); });
  };
  refused("is not of format", [](Json& json) { json["format"] = "other"; });
  refused("version 1", [](Json& json) { json["format_version"] = 2; });
  refused("has 0 directions", [](Json& json) { json["directions"] = 0; });
  refused("has 2 values of scale for 3 directions", [](Json& json) { json["directions"] = 3; });
  refused("has 1 channels, below its directions", [](Json& json) { json["channels"] = 1; });
  refused("lets a direction pass without noise",
          [](Json& json) { json["alphas"][1]["scale"][1] = 0.1; });
  refused("has not 1 to 4096 alphas", [](Json& json) { json["alphas"] = Json::array(); });
  refused("alpha outside (0, 1)", [](Json& json) { json["alphas"][0]["alpha"] = 1; });
  refused("sigma below 0", [](Json& json) { json["alphas"][0]["sigma"][1] = -1; });
  refused("lacks a field", [](Json& json) { json["alphas"][0].erase("sigma"); });
  refused("another type", [](Json& json) { json["directions"] = "two"; });
  expect_error(ErrorCode::kInvalidArgument, "the scrim_contract of model 'm' is no JSON", [] {
    read_contract({{"scrim_contract", "{"}, {"scrim_release", kReleaseId}}, "m");
  });
  expect_error(ErrorCode::kInvalidArgument, "no scrim_release of 64 hexadecimal digits",
               [] { read(small_contract(), "short"); });
}

}  // namespace
}  // namespace scrim
