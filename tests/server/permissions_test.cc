#include "server/permissions.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <map>

namespace scrim {
namespace {

// Headers as a front end looks them up.
Permissions::Header headers(std::map<std::string, std::string, std::less<>> given) {
  return [given = std::move(given)](std::string_view name) {
    const auto found = given.find(name);
    return found == given.end() ? std::nullopt : std::optional<std::string_view>(found->second);
  };
}

TEST(Permissions, WhatIsNotRestrictedIsOpen) {
  const Permissions permissions;
  for (const ApiGroup group : kApiGroups) EXPECT_FALSE(permissions.missing(group, headers({})));
}

TEST(Permissions, ARestrictedGroupAsksForItsHeaderAndOthersDoNot) {
  Permissions permissions;
  permissions.restrict_to("model-repository,statistics:K1=v=1");
  permissions.restrict_to("logging:k2=v2");
  for (const ApiGroup group : {ApiGroup::kModelRepository, ApiGroup::kStatistics}) {
    EXPECT_EQ(permissions.missing(group, headers({})), "K1");
    EXPECT_EQ(permissions.missing(group, headers({{"k1", "v"}})), "K1");
    EXPECT_EQ(permissions.missing(group, headers({{"k1", "v=2"}})), "K1");
    EXPECT_EQ(permissions.missing(group, headers({{"k1", "v=11"}})), "K1");
    EXPECT_EQ(permissions.missing(group, headers({{"k2", "v=1"}})), "K1");
    EXPECT_FALSE(permissions.missing(group, headers({{"k1", "v=1"}})));
  }
  EXPECT_EQ(permissions.missing(ApiGroup::kLogging, headers({})), "k2");
  EXPECT_FALSE(permissions.missing(ApiGroup::kInference, headers({})));
}

TEST(Permissions, ATextThatIsNoRuleIsRefusedWithoutItsSecret) {
  for (const char* text : {"", "health", "health:", "health:k", "health:=v", "health:k=", ":k=v"}) {
    Permissions permissions;
    expect_error(ErrorCode::kInvalidArgument, "", [&] { permissions.restrict_to(text); });
  }
  Permissions permissions;
  expect_error(ErrorCode::kInvalidArgument, "'healthy' is no group of calls",
               [&] { permissions.restrict_to("healthy:k=v"); });
  permissions.restrict_to("health:k=v");
  expect_error(ErrorCode::kInvalidArgument, "'health' is restricted twice",
               [&] { permissions.restrict_to("trace,health:k=w"); });
  permissions.restrict_to("health:k=v");  // the same once more changes nothing
  try {
    permissions.restrict_to("trace=secret");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("secret"), std::string::npos);
  }
}

}  // namespace
}  // namespace scrim
