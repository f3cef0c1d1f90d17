#include "cluster/rights.h"

#include <scrim/dataops.h>

#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(Rights, ARoleHoldsThoseOfItsCommandsOnce) {
  const SortedJson list = parse_sorted_json(
      cluster_roles({"list volumes", "create volume", "list volumes"}, "lab"), "roles");
  ASSERT_EQ(list["items"].size(), 2U);
  const SortedJson& role = list["items"][0];
  EXPECT_EQ(role["kind"], "Role");
  EXPECT_EQ(role["metadata"]["namespace"], "lab");
  ASSERT_EQ(role["rules"].size(), 2U);
  EXPECT_EQ(role["rules"][1],
            parse_sorted_json(R"({"apiGroups":[""],"resources":["persistentvolumeclaims"],
                                  "verbs":["create","delete","get","list","watch"]})",
                              "a rule"));
  EXPECT_EQ(list["items"][1]["kind"], "ClusterRole");
  EXPECT_FALSE(list["items"][1]["metadata"].contains("namespace"));
}

TEST(Rights, NobodyIsAllowedEverything) {
  const std::string all = cluster_roles({}, "lab");
  EXPECT_EQ(all.find('*'), std::string::npos);
  for (const char* command : {"create volume", "restore snapshot", "create server", "list runs"}) {
    EXPECT_EQ(cluster_roles({command}, "lab").find("secrets"), std::string::npos) << command;
  }
  EXPECT_EQ(all.find("\"update\""), std::string::npos);
}

TEST(Rights, WhatIsNoCommandIsRefused) {
  expect_error(ErrorCode::kInvalidArgument,
               "'drop volume' is no command on a cluster: there are clone server, clone volume",
               [] { cluster_roles({"drop volume"}, "lab"); });
  expect_error(ErrorCode::kInvalidArgument, "a/b", [] { cluster_roles({}, "a/b"); });
}

}  // namespace
}  // namespace scrim
