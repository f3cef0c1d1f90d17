#include "cluster/cluster_fixture.h"
#include "support/expect_error.h"

#include <gmock/gmock.h>

namespace scrim {
namespace {

struct ClusterEngineTest : ClusterFixture {};

TEST_F(ClusterEngineTest, AVolumeWithSnapshotsIsDeletedKnowingly) {
  make_data();
  engine()->create_snapshot("data", "baseline", {});
  expect_error(ErrorCode::kRefused, "volume 'data' has snapshots: baseline",
               [&] { engine()->delete_volume("data", Dependents::kRefuse); });
  engine()->delete_volume("data", Dependents::kCascade);
  EXPECT_TRUE(engine()->volumes().empty());
  EXPECT_TRUE(engine()->snapshots().empty());
  expect_error(ErrorCode::kNotFound, "there is no volume 'data'",
               [&] { engine()->delete_volume("data", Dependents::kCascade); });
}

TEST_F(ClusterEngineTest, WhoUsesAVolumeIsNamed) {
  make_data();
  engine()->create_snapshot("data", "baseline", {});
  make_pod("trainer", "data");
  make_pod("viewer", "data");
  for (const auto& verb : std::vector<std::function<void()>>{
           [&] { engine()->delete_volume("data", Dependents::kKeep); },
           [&] { engine()->restore_snapshot("baseline"); }}) {
    expect_error(ErrorCode::kRefused, "volume 'data' is in use by pod 'trainer', pod 'viewer'",
                 verb);
  }
  EXPECT_EQ(get("data"), "one");
}

TEST_F(ClusterEngineTest, NamesAreCheckedBeforeAnythingIsAsked) {
  for (const std::string& name :
       {std::string("../x"), std::string(300, 'x'), std::string("A"), std::string()}) {
    for (const auto& verb : std::vector<std::function<void(DataOps&)>>{
             [&](DataOps& on) { on.create_volume(name, kGibi, {}); },
             [&](DataOps& on) { on.volume(name); }, [&](DataOps& on) { on.snapshot(name); },
             [&](DataOps& on) { on.create_namespace(name); }}) {
      expect_error(ErrorCode::kInvalidArgument, "name", [&] { verb(*engine()); });
    }
  }
  options.space = "no/space";
  expect_error(ErrorCode::kInvalidArgument, "no/space", [&] { engine(); });
}

TEST_F(ClusterEngineTest, ANamespaceThatIsNotThereIsSaid) {
  options.space = "nosuch";
  for (const auto& verb : std::vector<std::function<void(DataOps&)>>{
           [](DataOps& on) { on.volumes(); }, [](DataOps& on) { on.snapshots(); },
           [](DataOps& on) { on.volume("a"); }, [](DataOps& on) { on.snapshot("a"); }}) {
    expect_error(ErrorCode::kNotFound, "there is no namespace 'nosuch'", [&] { verb(*engine()); });
  }
}

TEST_F(ClusterEngineTest, NamespacesAreMadeAndRemovedWhenEmpty) {
  const std::string name = options.space;
  EXPECT_THAT(engine()->namespaces(), testing::Contains(name));
  EXPECT_FALSE(engine()->create_namespace(name));
  make_data();
  expect_error(ErrorCode::kRefused, "holds volumes, snapshots or pods",
               [&] { engine()->delete_namespace(name); });
  engine()->delete_volume("data", Dependents::kRefuse);
  engine()->delete_namespace(name);
  EXPECT_THAT(engine()->namespaces(), testing::Not(testing::Contains(name)));
  expect_error(ErrorCode::kRefused, "'default' is always there",
               [&] { engine()->delete_namespace("default"); });
}

TEST_F(ClusterEngineTest, AListOfManyTakesTwoRequestsAtMost) {
  if (!cluster_double) GTEST_SKIP() << "a real API server does not tell its requests";
  make_data();
  engine()->create_snapshot("data", "baseline", {});
  for (int i = 0; i < 20; ++i) {
    engine()->clone_volume("copy-" + std::to_string(i), kBaseline, {}, {});
  }
  std::size_t before = cluster_double->server.requests().size();
  EXPECT_EQ(engine()->volumes().size(), 21U);
  EXPECT_EQ(cluster_double->server.requests().size() - before, 1U);
  before = cluster_double->server.requests().size();
  EXPECT_EQ(engine()->snapshots().size(), 1U);
  EXPECT_EQ(cluster_double->server.requests().size() - before, 2U);  // the first is discovery
}

TEST_F(ClusterEngineTest, ADryRunChangesNothing) {
  make_data();
  engine()->create_snapshot("data", "baseline", {});
  put("data", "two");
  ClusterOptions dry = options;
  dry.dry_run = true;
  if (!cluster_double) {  // which keeps what it is asked to check
    EXPECT_TRUE(open_cluster(dry)->create_volume("other", kGibi, {}).changed);
    EXPECT_TRUE(open_cluster(dry)->clone_volume("other", kBaseline, {}, {}).changed);
    EXPECT_TRUE(open_cluster(dry)->create_snapshot("data", "second", {}).changed);
    open_cluster(dry)->delete_snapshot("baseline");
  }
  open_cluster(dry)->delete_volume("data", Dependents::kCascade);
  open_cluster(dry)->restore_snapshot("baseline");
  EXPECT_EQ(engine()->volumes().size(), 1U);
  EXPECT_EQ(engine()->snapshots().size(), 1U);
  EXPECT_EQ(get("data"), "two");
}

TEST_F(ClusterEngineTest, KilledAtAnyStepADeleteIsDoneByTheNext) {
  kill_at_every_step(
      [&] {
        make_data();
        engine()->create_snapshot("data", "a", {});
        engine()->create_snapshot("data", "b", {});
      },
      [](DataOps& on) {
        try {
          on.delete_volume("data", Dependents::kCascade);
        } catch (const Error& error) {
          if (error.code() != ErrorCode::kNotFound) throw;  // the one before has ended it
        }
      },
      [&] {
        EXPECT_TRUE(engine()->volumes().empty());
        EXPECT_TRUE(engine()->snapshots().empty());
      });
}

}  // namespace
}  // namespace scrim
