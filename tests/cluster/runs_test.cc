#include "cluster/runs.h"

#include "cluster/cluster_fixture.h"
#include "cluster/run_objects.h"
#include "support/expect_error.h"

namespace scrim {
namespace {

// The pods of runs are the tool's own test, which has a node.
class ClusterRunsTest : public ClusterFixture {
 protected:
  ClusterRunsTest() {
    make_data();
    options.results = results / "";
  }

  RunPlan plan{.name = "sweep",
               .volume = "data",
               .cases = {{"one", {"true"}}, {"two", {"false"}}},
               .image = "local/scrim:1"};
  TemporaryFolder results;
};

TEST_F(ClusterRunsTest, ValuesAreCheckedBeforeAnythingIsMade) {
  const auto refused = [&](ErrorCode code, const char* why, const auto& change) {
    RunPlan changed = plan;
    change(changed);
    expect_error(code, why, [&] { engine()->run(changed); });
  };
  refused(ErrorCode::kInvalidArgument, "needs an image", [](RunPlan& one) { one.image = ""; });
  refused(ErrorCode::kInvalidArgument, "has no case", [](RunPlan& one) { one.cases = {}; });
  refused(ErrorCode::kInvalidArgument, "has no command",
          [](RunPlan& one) { one.cases[0].command = {}; });
  refused(ErrorCode::kInvalidArgument, "has 50 characters, at most 48",
          [](RunPlan& one) { one.name = std::string(50, 'x'); });
  refused(ErrorCode::kNotFound, "there is no volume 'nosuch'",
          [](RunPlan& one) { one.volume = "nosuch"; });
  EXPECT_TRUE(engine()->runs().empty());
  EXPECT_TRUE(engine()->snapshots().empty());
}

TEST_F(ClusterRunsTest, ADryRunSaysWhatIsLeft) {
  options.dry_run = true;
  const auto left = engine()->run(plan);
  ASSERT_EQ(left.size(), 2U);
  EXPECT_EQ(left[0].exit_code, RunRecords::kNotRun);
  options.dry_run = false;
  EXPECT_TRUE(engine()->runs().empty());
}

TEST_F(ClusterRunsTest, WhoDoesNotWaitHasAJobAndNoResults) {
  options.wait = false;
  for (int time = 0; time < 2; ++time) {
    const auto asked = engine()->run(plan);
    ASSERT_EQ(asked.size(), 2U);
    EXPECT_EQ(asked[0].exit_code, RunRecords::kNotRun);
    EXPECT_FALSE(asked[0].changed);
  }
  EXPECT_EQ(engine()->runs(), std::vector<std::string>({"sweep"}));
}

TEST_F(ClusterRunsTest, AJobThatDoesOtherCasesIsLeftAlone) {
  RunPlan other = plan;
  other.cases = {{"three", {"true"}}};
  api().create(kJobs, job_for(other, other.cases));
  expect_error(ErrorCode::kInvalidArgument, "run 'sweep' is under way with other cases",
               [&] { engine()->run(plan); });
  EXPECT_EQ(engine()->runs(), std::vector<std::string>({"sweep"}));
}

TEST_F(ClusterRunsTest, ItsFilesGoWithARun) {
  engine()->create_snapshot("data", "sweep.run", {});
  engine()->clone_volume("sweep.run", {ObjectKind::kSnapshot, "sweep.run"}, {}, {});
  api().create(kJobs, job_for(plan, plan.cases));
  engine()->delete_run("sweep");
  EXPECT_TRUE(engine()->runs().empty());
  expect_error(ErrorCode::kNotFound, "there is no run 'sweep'",
               [&] { engine()->delete_run("sweep"); });
}

}  // namespace
}  // namespace scrim
