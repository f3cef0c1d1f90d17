#include "learn/stage_state.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

struct Trained {
  Trained()
      : weight(torch::ones({3}).requires_grad_(true)),
        average({weight}, 0.5),
        optimizer({weight}, torch::optim::AdamWOptions(0.1)) {}
  void step() {
    optimizer.zero_grad();
    weight.square().sum().backward();
    optimizer.step();
    average.update(1000);
  }
  torch::Tensor weight;
  Average average;
  torch::optim::AdamW optimizer;
};

TEST(StageState, RestoresWeightsAverageOptimizerAndPosition) {
  const TemporaryFolder folder;
  Trained before;
  for (int i = 0; i < 3; ++i) before.step();
  const StagePosition position{3, 1.5, 0.75, 1, true, {{1, 2.5, 0.75}, {3, 1.5, 0.5}}};
  StageState(folder / "s", {before.weight}, before.average, before.optimizer).save(position);
  before.step();

  Trained after;
  const auto read = StageState(folder / "s", {after.weight}, after.average, after.optimizer).load();
  EXPECT_EQ(read.step, 3);
  EXPECT_EQ(read.loss, 1.5);
  EXPECT_EQ(read.best_score, 0.75);
  EXPECT_EQ(read.best_epoch, 1);
  EXPECT_TRUE(read.ended_early);
  ASSERT_EQ(read.epochs.size(), 2U);
  EXPECT_EQ(read.epochs[1].score, 0.5);
  after.step();
  EXPECT_TRUE(torch::equal(after.weight, before.weight));
  EXPECT_TRUE(torch::equal(after.average.tensors()[0], before.average.tensors()[0]));
}

TEST(StageState, WithoutAFileItStartsAtTheBeginning) {
  const TemporaryFolder folder;
  Trained one;
  EXPECT_EQ(StageState(folder / "none", {one.weight}, one.average, one.optimizer).load().step, 0);
  const StageState nowhere({}, {one.weight}, one.average, one.optimizer);
  nowhere.save({});
  EXPECT_EQ(nowhere.load().step, 0);
}

TEST(StageState, FileOfSomethingElseIsRefused) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "s", "not a state");
  Trained one;
  expect_error(ErrorCode::kCorrupt, "cannot resume: s is not the state of this run",
               [&] { StageState(folder / "s", {one.weight}, one.average, one.optimizer).load(); });
}

}  // namespace
}  // namespace scrim
