#include "cluster/users.h"

#include "kube/api_double.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(UsersOfClaim, ArePodsThatMountItAndHaveNotEnded) {
  ApiDouble server;
  Api api({.server = server.url()}, {.space = "lab", .manager = "test"});
  const auto make = [&](const std::string& name, const std::string& claim,
                        const std::string& phase) {
    api.create(kPods, {{"metadata", {{"name", name}}},
                       {"spec",
                        {{"volumes",
                          {{{"name", "other"}, {"emptyDir", ApiObject::object()}},
                           {{"name", "v"}, {"persistentVolumeClaim", {{"claimName", claim}}}}}}}},
                       {"status", {{"phase", phase}}}});
  };
  make("runs", "data", "Running");
  make("waits", "data", "Pending");
  make("done", "data", "Succeeded");
  make("failed", "data", "Failed");
  make("elsewhere", "other", "Running");
  api.create(kPods, {{"metadata", {{"name", "bare"}}}, {"spec", ApiObject::object()}});
  EXPECT_EQ(users_of_claim(api, "data"), std::vector<std::string>({"pod 'runs'", "pod 'waits'"}));
  EXPECT_TRUE(users_of_claim(api, "nothing").empty());
}

}  // namespace
}  // namespace scrim
