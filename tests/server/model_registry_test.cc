#include "server/model_registry.h"

#include "protocol/expect_request_error.h"
#include "server/small_models.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

LoadedVersion version_of(std::int64_t version, const std::string& fault = "") {
  LoadedVersion loaded{version, nullptr, fault, 0};
  if (!fault.empty()) return loaded;
  std::vector<std::unique_ptr<Engine>> instances;
  instances.push_back(std::make_unique<Identity>());
  const std::string number = std::to_string(version);
  loaded.served = std::make_shared<ServedModel>(
      std::make_shared<const ModelConfig>(parse_model_config(identity_config(), "m")), number,
      std::move(instances), Labels{}, std::make_shared<StatisticsRecord>("m", number));
  return loaded;
}

void load_one(ModelRegistry& registry, std::vector<LoadedVersion> versions) {
  std::vector<std::int64_t> numbers;
  for (const auto& one : versions) numbers.push_back(one.version);
  registry.loading("m", numbers);
  registry.replace("m", std::move(versions));
}

std::vector<LoadedVersion> list(LoadedVersion a) {
  std::vector<LoadedVersion> result;
  result.push_back(std::move(a));
  return result;
}

std::vector<LoadedVersion> list(LoadedVersion a, LoadedVersion b) {
  auto result = list(std::move(a));
  result.push_back(std::move(b));
  return result;
}

// "name version state reason" of every line.
std::vector<std::string> lines(const ModelRegistry& registry, bool ready_only = false) {
  std::vector<std::string> result;
  for (const IndexEntry& one : registry.index({"m", "n"}, ready_only)) {
    result.push_back(one.name + " " + one.version + " " + one.state + " " + one.reason);
  }
  return result;
}

using Lines = std::vector<std::string>;

TEST(ModelRegistry, TheNewestVersionThatServesIsTheDefault) {
  ModelRegistry registry;
  load_one(registry, list(version_of(1), version_of(3)));
  EXPECT_EQ(registry.find("m", "")->version(), "3");
  EXPECT_EQ(registry.find("m", "1")->version(), "1");
  EXPECT_EQ(registry.versions("m"), Lines({"1", "3"}));
  EXPECT_EQ(registry.serving("m", "").size(), 2U);
  EXPECT_EQ(registry.serving("", "").size(), 2U);
  EXPECT_EQ(registry.serving("m", "3").size(), 1U);
}

TEST(ModelRegistry, WhatIsNotThereIsNamedAsTheReferenceServerNamesIt) {
  ModelRegistry registry;
  const auto refuse = [&](const std::string& model, const std::string& version, RequestFault fault,
                          const std::string& sentence) {
    expect_request_error(fault, sentence, [&] { registry.find(model, version); });
  };
  refuse("m", "", RequestFault::kNotFound, "Request for unknown model: 'm' is not found");
  load_one(registry, list(version_of(1)));
  refuse("m", "9", RequestFault::kNotFound,
         "Request for unknown model: 'm' version 9 is not found");
  refuse("m", "x", RequestFault::kInvalid,
         "failed to get model version from specified version string 'x' (details: stol), version "
         "should be an integral value > 0");
  load_one(registry, list(version_of(2)));
  refuse("m", "1", RequestFault::kUnavailable,
         "Request for unknown model: 'm' version 1 is not at ready state");
  EXPECT_FALSE(registry.is_ready("m", "1"));
  EXPECT_TRUE(registry.is_ready("m", ""));
  registry.retire("m", ModelRegistry::Retire::kKeep);
  refuse("m", "", RequestFault::kNotFound,
         "Request for unknown model: 'm' has no available versions");
  expect_request_error(RequestFault::kInvalid, "requested model 'm' is not available",
                       [&] { registry.serving("m", ""); });
}

TEST(ModelRegistry, TheIndexShowsWhatWasTriedAndWhatLiesOnDisk) {
  ModelRegistry registry;
  EXPECT_EQ(lines(registry), Lines({"m   ", "n   "}));
  registry.loading("m", {1});
  EXPECT_EQ(lines(registry), Lines({"m 1 LOADING ", "n   "}));
  EXPECT_FALSE(registry.all_ready());
  registry.replace("m", list(version_of(1)));
  EXPECT_EQ(lines(registry), Lines({"m 1 READY ", "n   "}));
  EXPECT_TRUE(registry.all_ready());
  load_one(registry, list(version_of(2)));
  EXPECT_EQ(lines(registry), Lines({"m 1 UNAVAILABLE unloaded", "m 2 READY ", "n   "}));
  EXPECT_EQ(lines(registry, true), Lines({"m 2 READY "}));
  EXPECT_TRUE(registry.all_ready()) << "an unloaded version is no fault";
}

TEST(ModelRegistry, AVersionThatFailsLeavesTheOneThatServes) {
  ModelRegistry registry;
  load_one(registry, list(version_of(1)));
  const auto before = registry.find("m", "1");
  load_one(registry, list(version_of(1, "junk")));
  EXPECT_EQ(registry.find("m", "1"), before);
  EXPECT_TRUE(registry.all_ready());
  load_one(registry, list(version_of(2, "junk")));
  EXPECT_EQ(registry.find("m", ""), before) << "nothing of the new load serves";
  EXPECT_FALSE(registry.all_ready());
  EXPECT_EQ(lines(registry), Lines({"m 1 READY ", "m 2 UNAVAILABLE junk", "n   "}));
}

TEST(ModelRegistry, AForgottenModelLeavesTheIndexAndIsStillKnown) {
  ModelRegistry registry;
  load_one(registry, list(version_of(1)));
  EXPECT_EQ(registry.retire("m", ModelRegistry::Retire::kForget).size(), 1U);
  EXPECT_TRUE(registry.index({}, false).empty());
  EXPECT_TRUE(registry.all_ready());
  expect_request_error(RequestFault::kNotFound, "has no available versions",
                       [&] { registry.find("m", ""); });
  load_one(registry, list(version_of(1)));
  EXPECT_EQ(registry.index({}, false).size(), 1U);
}

TEST(ModelRegistry, StatisticsOutliveALoad) {
  ModelRegistry registry;
  EXPECT_EQ(registry.record("m", 1), registry.record("m", 1));
  EXPECT_NE(registry.record("m", 1), registry.record("m", 2));
}

}  // namespace
}  // namespace scrim
