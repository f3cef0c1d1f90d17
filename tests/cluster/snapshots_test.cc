#include "cluster/cluster_fixture.h"
#include "support/expect_error.h"

#include <gmock/gmock.h>

namespace scrim {
namespace {

struct ClusterSnapshotsTest : ClusterFixture {};

TEST_F(ClusterSnapshotsTest, ASnapshotOutlivesItsVolume) {
  make_data();
  const auto made = engine()->create_snapshot("data", "baseline", {{"run", "1"}});
  EXPECT_EQ(made.object.state, "Ready");
  EXPECT_EQ(made.object.size, kGibi);
  EXPECT_FALSE(engine()->create_snapshot("data", "baseline", {{"run", "1"}}).changed);
  engine()->delete_volume("data", Dependents::kKeep);
  EXPECT_EQ(engine()->clone_volume("a", kBaseline, {}, {}).object.storage_class, "folders");
  EXPECT_EQ(get("a"), "one");
  EXPECT_EQ(engine()->restore_snapshot("baseline").object.name, "data");
  EXPECT_EQ(get("data"), "one");
}

TEST_F(ClusterSnapshotsTest, WhereTheClusterTakesNoneThereAreNone) {
  if (!cluster_double) GTEST_SKIP() << "the real one takes snapshots";
  make_data();
  cluster_double->server.lose_group("snapshot.storage.k8s.io");
  EXPECT_TRUE(engine()->snapshots().empty());
  expect_error(ErrorCode::kNotFound, "there is no snapshot 'baseline', since this cluster has no",
               [&] { engine()->snapshot("baseline"); });
  expect_error(ErrorCode::kUnsupported, "no API group 'snapshot.storage.k8s.io'",
               [&] { engine()->create_snapshot("data", "baseline", {}); });
  EXPECT_TRUE(engine()->clone_volume("copy", kData, {}, {}).changed);
  engine()->delete_volume("data", Dependents::kRefuse);
}

TEST_F(ClusterSnapshotsTest, ASnapshotThatFailsSaysWhyAndIsGone) {
  make_data();
  options.snapshot_class = "broken";
  expect_error(ErrorCode::kUnavailable,
               "snapshot 'baseline' has failed: class broken takes no snapshot; nothing was made",
               [&] { engine()->create_snapshot("data", "baseline", {}); });
  EXPECT_TRUE(engine()->snapshots().empty());
}

}  // namespace
}  // namespace scrim
