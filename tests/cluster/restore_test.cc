#include "cluster/restore.h"

#include "cluster/cluster_fixture.h"
#include "support/expect_error.h"

#include <gmock/gmock.h>

#include <future>

namespace scrim {
namespace {

class RestoreTest : public ClusterFixture {
 protected:
  // A volume that holds "new", with a snapshot of when it held "old".
  void make_both() {
    engine()->create_volume("data", kGibi, {{"team", "vision"}});
    put("data", "old");
    engine()->create_snapshot("data", "baseline", {});
    put("data", "new");
    first_volume = bound_volume("data");
  }

  void expect_restored() {
    EXPECT_EQ(get("data"), "old");
    const Volume volume = engine()->volume("data");
    EXPECT_EQ(volume.state, "Bound");
    EXPECT_EQ(volume.origin->name, "baseline");
    EXPECT_EQ(volume.labels, Labels({{"team", "vision"}}));
    EXPECT_EQ(engine()->volumes().size(), 1U);
    Api cluster = api();
    EXPECT_TRUE(
        cluster.list(kPersistentVolumes, {.labels = "scrim-dataops/restore=pending"}).empty());
    const auto bound = cluster.find(kPersistentVolumes, bound_volume("data"));
    EXPECT_EQ(text_at(*bound, "spec.persistentVolumeReclaimPolicy"), "Delete");
    // The old files go, as their class says, in their own time.
    const auto gone = [&](const Api::ByName& volumes) { return !volumes.contains(first_volume); };
    EXPECT_TRUE(cluster.watch(kPersistentVolumes, {},
                              std::chrono::steady_clock::now() + std::chrono::seconds(10), {},
                              gone));
  }

  std::string first_volume;
};

TEST_F(RestoreTest, TheFilesAreThoseOfTheSnapshotAndTheRestStays) {
  make_both();
  engine()->resize_volume("data", 3 * kGibi);
  api().change(kVolumeClaims, "data", [](const ApiObject&) -> ApiObject {
    return {{"metadata", {{"annotations", {{"example.com/owner", "ann"}}}}}};
  });
  EXPECT_TRUE(engine()->restore_snapshot("baseline").changed);
  expect_restored();
  EXPECT_EQ(engine()->volume("data").size, 3 * kGibi);
  const auto claim = api().find(kVolumeClaims, "data");
  EXPECT_EQ(claim->at("metadata").at("annotations").at("example.com/owner"), "ann");
  put("data", "newer");
  engine()->restore_snapshot("baseline");
  EXPECT_EQ(get("data"), "old");
}

TEST_F(RestoreTest, KilledAtAnyStepTheSameRestoreEndsIt) {
  kill_at_every_step([&] { make_both(); }, [](DataOps& on) { on.restore_snapshot("baseline"); },
                     [&] { expect_restored(); });
}

TEST_F(RestoreTest, KilledAtAnyStepWhoeverAsksForTheVolumeEndsIt) {
  for (int step = 1;; ++step) {
    SCOPED_TRACE(step);
    new_space();
    make_both();
    try {
      engine_killed_at(step)->restore_snapshot("baseline");
      EXPECT_GT(step, 5);
      return;
    } catch (const Killed&) {
    }
    const std::string content = (engine()->volume("data"), get("data"));
    EXPECT_THAT(content, testing::AnyOf("old", "new"));  // nothing in between, and nothing lost
    EXPECT_EQ(engine()->volumes().size(), 1U);
    engine()->restore_snapshot("baseline");
    expect_restored();
  }
}

TEST_F(RestoreTest, AFailureBeforeTheExchangeLeavesAllAsItWas) {
  make_both();
  if (!cluster_double) GTEST_SKIP() << "no real claim changes its class";
  options.timeout = std::chrono::milliseconds(2'500);
  const auto path = "/api/v1/namespaces/" + options.space + "/persistentvolumeclaims/data";
  SortedJson claim = cluster_double->server.objects().at(path);
  claim["spec"]["storageClassName"] = "broken";
  cluster_double->server.put(path, claim);
  expect_error(ErrorCode::kUnavailable, "restore of snapshot 'baseline' took more than 2 s",
               [&] { engine()->restore_snapshot("baseline"); });
  EXPECT_EQ(get("data"), "new");
  EXPECT_EQ(api().list(kVolumeClaims).size(), 1U);
}

TEST_F(RestoreTest, AVolumeThatSomebodyMadeMeanwhileIsNotTouched) {
  make_both();
  EXPECT_THROW(engine_killed_before("make the claim")->restore_snapshot("baseline"), Killed);
  ASSERT_FALSE(api().find(kVolumeClaims, "data"));
  api().create(kVolumeClaims, {{"metadata", {{"name", "data"}}},
                               {"spec",
                                {{"accessModes", {"ReadWriteOnce"}},
                                 {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}});
  expect_error(ErrorCode::kRefused, "somebody has made a volume 'data' while snapshot 'baseline'",
               [&] { engine()->restore_snapshot("baseline"); });
  api().remove(kVolumeClaims, "data");
  engine()->restore_snapshot("baseline");
  expect_restored();
}

TEST_F(RestoreTest, TwoAtOnceEndAsOne) {
  make_both();
  const auto restore = [&] {
    try {
      engine()->restore_snapshot("baseline");
    } catch (const Error& error) {  // it came between two steps of the other, and is told so
      EXPECT_THAT(error.code(), testing::AnyOf(ErrorCode::kNotFound, ErrorCode::kUnavailable))
          << error.what();
    }
  };
  auto other = std::async(std::launch::async, restore);
  restore();
  other.get();
  engine()->restore_snapshot("baseline");
  EXPECT_EQ(get("data"), "old");
  EXPECT_EQ(engine()->volumes().size(), 1U);
}

}  // namespace
}  // namespace scrim
