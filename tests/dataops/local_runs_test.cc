#include "dataops/local_runs.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

struct LocalRunsTest : testing::Test {
  LocalRunsTest() {
    const Volume volume = open()->create_volume("data", 1 << 20, {}).object;
    write_new_file(volume.path / "number", "1");
    plan.name = "sweep";
    plan.volume = "data";
    plan.cases = {{"one", {"cat", "{data}/number"}},
                  {"two", {"bash", "-c", "echo said >&2; cat {data}/number {data}/number"}}};
    plan.on_line = [this](const std::string& name, const std::string& line) {
      lines.push_back(name + ": " + line);
    };
  }

  std::unique_ptr<DataOps> open(LocalOptions options = {}) const {
    return open_local(folder / "root", std::move(options));
  }

  TemporaryFolder folder;
  RunPlan plan;
  std::vector<std::string> lines;
};

TEST_F(LocalRunsTest, AllCasesSeeTheSameFiles) {
  const auto results = open()->run(plan);
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[0].exit_code, 0);
  EXPECT_EQ(read_file(results[0].output), "1");
  EXPECT_EQ(read_file(results[1].output), "11");
  EXPECT_EQ(lines, std::vector<std::string>({"two: said"}));
  write_file_atomically(open()->volume("data").path / "number", "2");
  plan.cases.push_back({"three", {"cat", "{data}/number"}});
  const auto again = open()->run(plan);
  EXPECT_FALSE(again[0].changed) << "what was done is not done again";
  EXPECT_TRUE(again[2].changed);
  EXPECT_EQ(read_file(again[2].output), "1") << "of the snapshot, and not of the volume";
  EXPECT_EQ(open()->snapshots().at(0).name, "sweep.run");
}

TEST_F(LocalRunsTest, AKeyIsAFileOfThisMachine) {
  plan.key = folder / "key";
  plan.cases = {{"one", {"cat", "{key}"}}};
  expect_error(ErrorCode::kNotFound, "there is no key file '", [&] { open()->run(plan); });
  write_new_file(plan.key, "sesame");
  EXPECT_EQ(read_file(open()->run(plan)[0].output), "sesame");
}

TEST_F(LocalRunsTest, WhatFailedOrChangedIsRunAgain) {
  plan.cases = {{"fails", {"bash", "-c", "exit 4"}}, {"works", {"true"}}};
  auto results = open()->run(plan);
  EXPECT_EQ(results[0].exit_code, 4);
  EXPECT_EQ(results[1].exit_code, 0);
  plan.cases[1].command = {"bash", "-c", "echo other"};
  results = open()->run(plan);
  EXPECT_TRUE(results[0].changed && results[1].changed);
}

TEST_F(LocalRunsTest, AStoppedRunGoesOn) {
  std::stop_source source;
  plan.on_line = [&](const std::string&, const std::string&) { source.request_stop(); };
  plan.cases = {{"one", {"true"}}, {"two", {"bash", "-c", "echo now >&2; exec sleep {data}"}}};
  expect_error(ErrorCode::kUnavailable, "stopped in case 'two'",
               [&] { open({.stop = source.get_token()})->run(plan); });
  plan.cases[1].command = {"true"};
  const auto results = open()->run(plan);
  EXPECT_FALSE(results[0].changed);
  EXPECT_EQ(results[1].exit_code, 0);
}

TEST_F(LocalRunsTest, GoesWithItsSnapshot) {
  open()->run(plan);
  EXPECT_EQ(open()->runs(), std::vector<std::string>({"sweep"}));
  expect_error(ErrorCode::kRefused, "has snapshots: sweep.run",
               [&] { open()->delete_volume("data", Dependents::kRefuse); });
  open()->delete_run("sweep");
  EXPECT_TRUE(open()->runs().empty());
  EXPECT_TRUE(open()->snapshots().empty());
  expect_error(ErrorCode::kNotFound, "there is no run 'sweep'",
               [&] { open()->delete_run("sweep"); });
}

TEST_F(LocalRunsTest, WhatCannotBeRunIsNamedBeforeAnythingIsMade) {
  const auto refuse = [&](ErrorCode code, const char* part) {
    expect_error(code, part, [&] { open()->run(plan); });
    EXPECT_TRUE(open()->snapshots().empty());
  };
  plan.cases = {};
  refuse(ErrorCode::kInvalidArgument, "run 'sweep' has no case");
  plan.cases = {{"../x", {"true"}}};
  refuse(ErrorCode::kInvalidArgument, "case name '../x'");
  plan.cases = {{"one", {}}};
  refuse(ErrorCode::kInvalidArgument, "case 'one' has no command");
  plan.cases = {{"one", {"no-such-program"}}};
  refuse(ErrorCode::kNotFound, "no program 'no-such-program'");
  plan.cases = {{"one", {"true"}}};
  plan.volume = "none";
  refuse(ErrorCode::kNotFound, "there is no volume 'none'");
  plan.volume = "data";
  open()->run(plan);
  open()->create_volume("other", 1, {});
  plan.volume = "other";
  expect_error(ErrorCode::kInvalidArgument, "a run 'sweep' already, over volume 'data'",
               [&] { open()->run(plan); });
}

}  // namespace
}  // namespace scrim
