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
          {"directions", 2},
          {"alphas",
           {{{"alpha", 0.9}, {"scale", {0.3, 0.2}}, {"sigma", {1.0, 1.5}}},
            {{"alpha", 0.2}, {"scale", {0.8, 0.7}}, {"sigma", {0.5, 0.0}}}}}};
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
  EXPECT_EQ(contract->levels[1].sigma, std::vector<double>({1.0, 1.5}));
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
  refused("has 2 values of sigma for 3 directions", [](Json& json) { json["directions"] = 3; });
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
