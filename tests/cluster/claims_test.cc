#include "cluster/cluster_fixture.h"
#include "support/expect_error.h"

#include <gmock/gmock.h>

namespace scrim {
namespace {

struct ClusterClaimsTest : ClusterFixture {};

TEST_F(ClusterClaimsTest, AVolumeIsAClaimThatIsBound) {
  const auto made = engine()->create_volume("data", 5 * kGibi, {{"team", "vision"}});
  EXPECT_TRUE(made.changed);
  EXPECT_EQ(made.object.state, "Bound");
  EXPECT_EQ(made.object.size, 5 * kGibi);
  EXPECT_EQ(made.object.storage_class, "folders");
  EXPECT_FALSE(engine()->create_volume("data", 5 * kGibi, {{"team", "vision"}}).changed);
  for (const auto& [size, labels] :
       {std::pair{kGibi, Labels{}}, std::pair{5 * kGibi, Labels{{"team", "audio"}}}}) {
    expect_error(
        ErrorCode::kInvalidArgument, "there is a volume 'data' already, of 5Gi",
        [&, size = size, labels = labels] { engine()->create_volume("data", size, labels); });
  }
  EXPECT_EQ(engine()->volumes().size(), 1U);
  EXPECT_EQ(engine()->volume("data").labels, Labels({{"team", "vision"}}));
}

TEST_F(ClusterClaimsTest, WhatCannotBeMadeLeavesNothing) {
  options.storage_class = "nosuch";
  expect_error(ErrorCode::kNotFound,
               "there is no storage class 'nosuch'; there are: broken, folders",
               [&] { engine()->create_volume("data", kGibi, {}); });
  options.storage_class = "broken";
  options.timeout = std::chrono::milliseconds(2'500);
  std::string news;
  options.on_news = [&](const std::string& one) { news += one; };
  expect_error(ErrorCode::kUnavailable,
               "the cluster says: ProvisioningFailed: the pool is out of order; nothing was made",
               [&] { engine()->create_volume("data", kGibi, {}); });
  EXPECT_EQ(news, "volume 'data': ProvisioningFailed: the pool is out of order");
  EXPECT_TRUE(engine()->volumes().empty());
}

TEST_F(ClusterClaimsTest, AClassThatBindsLateIsNotWaitedFor) {
  options.storage_class = "late";
  EXPECT_EQ(engine()->create_volume("data", kGibi, {}).object.state, "Pending");
}

TEST_F(ClusterClaimsTest, ACloneHasTheFilesAndIsIndependent) {
  make_data();
  engine()->create_snapshot("data", "baseline", {});
  put("data", "two");
  EXPECT_EQ(engine()->clone_volume("a", kData, {}, {}).object.origin->name, "data");
  EXPECT_EQ(engine()->clone_volume("b", kBaseline, 2 * kGibi, {}).object.size, 2 * kGibi);
  put("data", "three");
  EXPECT_EQ(get("a"), "two");
  EXPECT_EQ(get("b"), "one");
  EXPECT_FALSE(engine()->clone_volume("a", kData, {}, {}).changed);
  expect_error(ErrorCode::kInvalidArgument, "from volume 'data'",
               [&] { engine()->clone_volume("a", kBaseline, {}, {}); });
  expect_error(ErrorCode::kInvalidArgument, "volume 'c' of 512Mi is smaller than volume 'data'",
               [&] { engine()->clone_volume("c", kData, kGibi / 2, {}); });
  expect_error(ErrorCode::kNotFound, "there is no volume 'nosuch'", [&] {
    engine()->clone_volume("c", {ObjectKind::kVolume, "nosuch"}, {}, {});
  });
}

TEST_F(ClusterClaimsTest, WhereADriverClonesNoVolumesASnapshotIsBetween) {
  options.storage_class = "unclonable";
  make_data();
  const Volume made = engine()->clone_volume("copy", kData, {}, {}).object;
  EXPECT_EQ(made.origin->kind, ObjectKind::kVolume);
  EXPECT_EQ(made.origin->name, "data");
  EXPECT_EQ(get("copy"), "one");
  EXPECT_FALSE(engine()->clone_volume("copy", kData, {}, {}).changed);
  EXPECT_TRUE(engine()->snapshots().empty());
}

TEST_F(ClusterClaimsTest, VolumesOnlyGrow) {
  make_data();
  EXPECT_EQ(engine()->resize_volume("data", 2 * kGibi).object.size, 2 * kGibi);
  EXPECT_FALSE(engine()->resize_volume("data", 2 * kGibi).changed);
  expect_error(ErrorCode::kInvalidArgument, "volume 'data' of 2Gi cannot become smaller, 1Gi",
               [&] { engine()->resize_volume("data", kGibi); });
}

TEST_F(ClusterClaimsTest, WhatTheToolkitMadeIsRead) {
  make_data();
  api().create(kVolumeClaims, {{"metadata",
                                {{"name", "old-clone"},
                                 {"labels",
                                  {{"created-by", "ntap-dsutil"},
                                   {"created-by-operation", "clone-volume"},
                                   {"source-pvc", "data"}}}}},
                               {"spec",
                                {{"accessModes", {"ReadWriteMany"}},
                                 {"storageClassName", "folders"},
                                 {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}});
  const Volume volume = engine()->volume("old-clone");
  EXPECT_EQ(volume.origin->name, "data");
  EXPECT_EQ(volume.labels.at("created-by"), "ntap-dsutil");
  engine()->delete_volume("old-clone", Dependents::kRefuse);
}

TEST_F(ClusterClaimsTest, KilledAtAnyStepACreateIsDoneByTheNext) {
  kill_at_every_step([] {}, [](DataOps& on) { on.create_volume("data", kGibi, {}); },
                     [&] { EXPECT_EQ(engine()->volume("data").state, "Bound"); });
}

TEST_F(ClusterClaimsTest, KilledAtAnyStepACloneIsDoneByTheNext) {
  kill_at_every_step([&] { make_data(); },
                     [](DataOps& on) { on.clone_volume("copy", kData, {}, {}); },
                     [&] { EXPECT_EQ(get("copy"), "one"); });
}

}  // namespace
}  // namespace scrim
