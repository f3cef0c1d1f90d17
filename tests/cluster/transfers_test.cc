#include "cluster/transfers.h"

#include "cluster/cluster_fixture.h"
#include "cluster/transfer_objects.h"
#include "dataops/small_transfer.h"
#include "support/expect_error.h"

namespace scrim {
namespace {

// The pods of transfers are the tool's own test, which has a node.
class ClusterTransfersTest : public ClusterFixture {
 protected:
  ClusterTransfersTest() {
    make_data();
    options.wait = false;
  }

  TransferPlan plan = small_transfer();
};

TEST_F(ClusterTransfersTest, ValuesAreCheckedBeforeAnythingIsMade) {
  const auto refused = [&](ErrorCode code, const char* why, const auto& change) {
    TransferPlan changed = plan;
    change(changed);
    expect_error(code, why, [&] { engine()->create_transfer(changed); });
  };
  refused(ErrorCode::kInvalidArgument, "has 50 characters, at most 43",
          [](TransferPlan& one) { one.name = std::string(50, 'x'); });
  refused(ErrorCode::kInvalidArgument, "none that a CronJob can keep",
          [](TransferPlan& one) { one.every = "7m"; });
  refused(ErrorCode::kNotFound, "there is no volume 'nosuch'",
          [](TransferPlan& one) { one.volume = "nosuch"; });
  refused(ErrorCode::kNotFound, "there is no secret 'nosuch'",
          [](TransferPlan& one) { one.store = {.secret = "nosuch"}; });
  api().create(kSecrets, {{"metadata", {{"name", "half"}}}, {"data", {{"access_key", "eA=="}}}});
  refused(ErrorCode::kInvalidArgument, "secret 'half' has no access_key or no secret_key",
          [](TransferPlan& one) { one.store = {.secret = "half"}; });
  EXPECT_TRUE(engine()->transfers().empty());
}

TEST_F(ClusterTransfersTest, OneThatIsUnderWayIsFoundAndNotMadeTwice) {
  EXPECT_EQ(engine()->create_transfer(plan).object.state, TransferState::kRunning);
  const std::string uid = text_at(*api().find(kJobs, "transfer-pull"), "metadata.uid");
  EXPECT_EQ(engine()->create_transfer(plan).object.name, "pull");
  EXPECT_EQ(engine()->run_transfer("pull").object.name, "pull");
  EXPECT_EQ(text_at(*api().find(kJobs, "transfer-pull"), "metadata.uid"), uid);
  TransferPlan other = plan;
  other.sync = true;
  expect_error(ErrorCode::kInvalidArgument, "there is a transfer 'pull' already",
               [&] { engine()->create_transfer(other); });
}

TEST_F(ClusterTransfersTest, AllOfItGoes) {
  plan.every = "1h";
  EXPECT_EQ(engine()->create_transfer(plan).object.every, "1h");
  EXPECT_TRUE(api().find(kCronJobs, "transfer-pull"));
  EXPECT_EQ(engine()->transfers().size(), 1U);
  engine()->delete_transfer("pull");
  EXPECT_TRUE(engine()->transfers().empty());
  EXPECT_FALSE(api().find(kCronJobs, "transfer-pull"));
  EXPECT_FALSE(api().find(kSecrets, "transfer-pull"));
  expect_error(ErrorCode::kNotFound, "there is no transfer 'pull'",
               [&] { engine()->delete_transfer("pull"); });
  expect_error(ErrorCode::kNotFound, "there is no transfer 'pull'",
               [&] { engine()->run_transfer("pull"); });
}

TEST_F(ClusterTransfersTest, ADryRunMakesNothing) {
  options.dry_run = true;
  EXPECT_EQ(engine()->create_transfer(plan).object.to, "data/in");
  options.dry_run = false;
  EXPECT_TRUE(engine()->transfers().empty());
  EXPECT_FALSE(api().find(kSecrets, "transfer-pull"));
}

}  // namespace
}  // namespace scrim
