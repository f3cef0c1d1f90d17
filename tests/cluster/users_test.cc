#include "cluster/users.h"

#include "cluster/cluster_fixture.h"
#include "cluster/transfer_objects.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

TEST(ReleaseClaim, PodsThatMountItAreNamedAndThoseOfEndedTransfersGo) {
  ApiDouble server;
  Api api({.server = server.url()}, {.space = "lab", .manager = "test"});
  const ClusterOptions options;
  const ClusterWork work(api, options);
  const auto make = [&](const std::string& name, const std::string& claim, const std::string& phase,
                        const Labels& labels = {}) {
    api.create(kPods, {{"metadata", {{"name", name}, {"labels", labels}}},
                       {"spec",
                        {{"volumes",
                          {{{"name", "other"}, {"emptyDir", ApiObject::object()}},
                           {{"name", "v"}, {"persistentVolumeClaim", {{"claimName", claim}}}}}}}},
                       {"status", {{"phase", phase}}}});
  };
  const Labels transfer = {{kTransferLabel, "pull"}};
  make("elsewhere", "other", "Running");
  make("copied", "data", "Succeeded", transfer);
  make("broke", "data", "Failed", transfer);
  api.create(kPods, {{"metadata", {{"name", "bare"}}}, {"spec", ApiObject::object()}});
  release_claim(work, "nothing");
  ClusterOptions dry;
  dry.dry_run = true;
  release_claim(ClusterWork(api, dry), "data");
  EXPECT_TRUE(api.find(kPods, "copied"));
  release_claim(work, "data");
  EXPECT_FALSE(api.find(kPods, "copied"));
  EXPECT_FALSE(api.find(kPods, "broke"));
  make("runs", "data", "Running");
  make("done", "data", "Succeeded");
  make("copies", "data", "Pending", transfer);
  expect_error(ErrorCode::kRefused,
               "in use by pod 'copies', pod 'done' (which has ended), pod 'runs'; end",
               [&] { release_claim(work, "data"); });
}

class RestingTest : public ClusterFixture {
 protected:
  static ApiObject deployment(const std::string& name, const std::string& claim, int replicas) {
    return {{"metadata", {{"name", name}}},
            {"spec",
             {{"replicas", replicas},
              {"selector", {{"matchLabels", {{"of", name}}}}},
              {"template",
               {{"metadata", {{"labels", {{"of", name}}}}},
                {"spec",
                 {{"containers", {{{"name", "c"}, {"image", "none"}}}},
                  {"volumes",
                   {{{"name", "v"}, {"persistentVolumeClaim", {{"claimName", claim}}}}}}}}}}}}};
  }
  ApiObject replicas_of(const std::string& name) {
    return api().find(kDeployments, name)->at("spec").at("replicas");
  }
};

TEST_F(RestingTest, DeploymentsRestDuringARestoreAndAreWhatTheyWere) {
  make_data();
  engine()->create_snapshot("data", "baseline", {});
  api().create(kDeployments, deployment("reads", "data", 2));
  api().create(kDeployments, deployment("stopped", "data", 0));
  api().create(kDeployments, deployment("elsewhere", "other", 3));
  options.stops_users = true;
  put("data", "two");
  EXPECT_THROW(engine_killed_before("make the claim")->restore_snapshot("baseline"), Killed);
  EXPECT_EQ(replicas_of("reads"), 0);
  options.stops_users = false;
  engine()->restore_snapshot("baseline");
  EXPECT_EQ(get("data"), "one");
  EXPECT_EQ(replicas_of("reads"), 2);
  EXPECT_EQ(replicas_of("stopped"), 0);
  EXPECT_EQ(replicas_of("elsewhere"), 3);
}

TEST_F(RestingTest, APodOfNoDeploymentIsNotEnded) {
  make_data();
  engine()->create_snapshot("data", "baseline", {});
  api().create(kDeployments, deployment("reads", "data", 2));
  make_pod("by-hand", "data");
  options.stops_users = true;
  expect_error(ErrorCode::kRefused, "in use by pod 'by-hand', which no deployment would start",
               [&] { engine()->restore_snapshot("baseline"); });
  EXPECT_EQ(replicas_of("reads"), 2);
}

}  // namespace
}  // namespace scrim
