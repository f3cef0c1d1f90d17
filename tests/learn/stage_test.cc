#include "learn/stage.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace scrim {
namespace {

// A small problem with a known answer: w such that x w = y, with noise that depends on the step.
struct Problem {
  Problem() {
    torch::manual_seed(5);
    weight = torch::zeros({3, 2}).requires_grad_(true);
    bias = torch::zeros({2}).requires_grad_(true);
    answer = torch::randn({3, 2});
  }
  torch::Tensor loss(int step) {
    torch::manual_seed(static_cast<std::uint64_t>(step));
    const auto x = torch::randn({16, 3});
    return (x.mm(weight) + bias - x.mm(answer)).square().mean();
  }
  void run(StageOptions options) {
    run_stage(options, {{{weight, bias}, 0.05}}, {}, [this](int step) { return loss(step); });
  }
  torch::Tensor weight, bias, answer;
};

StageOptions stage_options(int steps, const std::filesystem::path& state = {}) {
  StageOptions options;
  options.name = "test";
  options.steps = steps;
  options.average_decay = 0.9;
  options.state = state;
  return options;
}

TEST(Schedule, WarmsUpThenFallsToAHundredth) {
  const Schedule schedule{2.0, 1000, 0.1};
  EXPECT_NEAR(schedule.at(0), 0.02, 1e-12);
  EXPECT_NEAR(schedule.at(99), 2.0, 1e-12);
  EXPECT_NEAR(schedule.at(550), 2 * (0.01 + 0.99 / 2), 1e-9);
  EXPECT_NEAR(schedule.at(1000), 0.02, 1e-9);
}

TEST(Stage, FindsTheAnswerWithEitherOptimizer) {
  for (const bool sgd : {false, true}) {
    Problem problem;
    StageOptions options = stage_options(400);
    options.sgd = sgd;
    problem.run(options);
    EXPECT_LT((problem.weight - problem.answer).abs().max().item<double>(), 0.02) << "sgd " << sgd;
  }
}

// Descent without the memory of momentum in its first step: the weights move by rate x gradient.
TEST(Stage, GradientIsScaledToItsLargestNormOverAllThatIsClipped) {
  const auto moved = [](double factor, double clip_norm, bool clipped) {
    auto a = torch::zeros({2}).requires_grad_(true);
    auto b = torch::zeros({2, 2}).requires_grad_(true);
    StageOptions options = stage_options(1);
    options.sgd = true;
    options.warm_up = 0;
    options.clip_norm = clip_norm;
    options.average_decay = 0;  // or the average would be what is kept
    run_stage(options, {{{a, b}, 1.0, 0, clipped}}, {},
              [&](int) { return factor * (3 * a[0] + 4 * b[1][1]); });
    return std::pair{a[0].item<double>(), b[1][1].item<double>()};
  };
  const auto [a, b] = moved(1, 10, true);  // its norm is 5
  EXPECT_NEAR(a, -3, 1e-6);
  EXPECT_NEAR(b, -4, 1e-6);
  const auto [a_clipped, b_clipped] = moved(8, 10, true);  // 40
  EXPECT_NEAR(a_clipped, -6, 1e-5);
  EXPECT_NEAR(b_clipped, -8, 1e-5);
  EXPECT_NEAR(moved(8, 10, false).first, -24, 1e-5);
}

TEST(Stage, StoppedAndResumedEqualsUnbroken) {
  for (const bool sgd : {false, true}) {
    TemporaryFolder folder;
    Problem unbroken;
    StageOptions options = stage_options(60);
    options.sgd = sgd;
    unbroken.run(options);

    Problem stopped;
    std::stop_source stop;
    options.state = folder / "state";
    options.stop = stop.get_token();
    options.progress = [&](const Progress& progress) {
      if (progress.done == 23) stop.request_stop();
    };
    expect_error(ErrorCode::kUnavailable, "after 23 of 60 steps", [&] { stopped.run(options); });

    Problem resumed;
    options.stop = {};
    options.progress = {};
    options.resume = true;
    resumed.run(options);
    EXPECT_TRUE(torch::equal(resumed.weight, unbroken.weight)) << "sgd " << sgd;
    EXPECT_TRUE(torch::equal(resumed.bias, unbroken.bias)) << "sgd " << sgd;
  }
}

TEST(Stage, FinishedStageIsNotRunAgain) {
  TemporaryFolder folder;
  Problem once;
  once.run(stage_options(10, folder / "state"));
  Problem again;
  StageOptions options = stage_options(10, folder / "state");
  options.resume = true;
  run_stage(options, {{{again.weight, again.bias}, 0.05}}, {}, [](int) -> torch::Tensor {
    ADD_FAILURE() << "a step was run";
    return torch::zeros({1});
  });
  EXPECT_TRUE(torch::equal(again.weight, once.weight));
}

TEST(Stage, LossThatIsNotFiniteEndsWithASentence) {
  Problem problem;
  expect_error(ErrorCode::kInvalidArgument, "not finite at step 3", [&] {
    run_stage(stage_options(5), {{{problem.weight}, 0.05}}, {}, [&](int step) {
      return step == 3 ? problem.weight.sum() * std::numeric_limits<float>::quiet_NaN()
                       : problem.weight.sum();
    });
  });
}

TEST(Stage, StateOfAnotherNetworkIsRefused) {
  TemporaryFolder folder;
  Problem problem;
  problem.run(stage_options(3, folder / "state"));
  auto other = torch::zeros({7}).requires_grad_(true);
  StageOptions options = stage_options(5, folder / "state");
  options.resume = true;
  expect_error(ErrorCode::kCorrupt, "cannot resume", [&] {
    run_stage(options, {{{other}, 0.05}}, {}, [&](int) { return other.sum(); });
  });
}

TEST(Stage, IsValidatedWithTheAverageAndEndsWithoutAGain) {
  TemporaryFolder folder;
  const auto run = [&](StageOptions options, int stop_after) {
    Problem problem;
    std::stop_source stop;
    options.stop = stop.get_token();
    std::vector<std::string> milestones;
    options.progress = [&](const Progress& progress) {
      if (progress.milestone) milestones.push_back(progress.note);
      if (progress.done == stop_after) stop.request_stop();
    };
    options.validation = {
        .steps = 5, .patience = 2, .least_gain = 0.01, .metric = "AP", .score = [] { return 0.5; }};
    const StageResult result = run_stage(options, {{{problem.weight, problem.bias}, 0.05}}, {},
                                         [&](int step) { return problem.loss(step); });
    EXPECT_EQ(milestones.size(), result.epochs.size());
    EXPECT_NE(milestones.front().find("AP 0.500"), std::string::npos);
    return result;
  };
  const StageResult result = run(stage_options(100), -1);
  EXPECT_EQ(result.steps, 15);  // the first epoch is the best, two more bring nothing
  ASSERT_EQ(result.epochs.size(), 3U);
  EXPECT_EQ(result.epochs[2].step, 15);

  // The record and the patience survive a stop.
  StageOptions options = stage_options(100, folder / "state");
  expect_error(ErrorCode::kUnavailable, "after 7", [&] { run(options, 7); });
  Problem problem;
  options.resume = true;
  options.validation = {
      .steps = 5, .patience = 2, .least_gain = 0.01, .metric = "AP", .score = [] { return 0.5; }};
  const StageResult resumed = run_stage(options, {{{problem.weight, problem.bias}, 0.05}}, {},
                                        [&](int step) { return problem.loss(step); });
  EXPECT_EQ(resumed.steps, 15);
  ASSERT_EQ(resumed.epochs.size(), 3U);
  EXPECT_EQ(resumed.epochs[0].loss, result.epochs[0].loss);
}

TEST(Stage, GroupsHaveRatesOfTheirOwn) {
  Problem problem;
  run_stage(stage_options(50), {{{problem.weight}, 0.05}, {{problem.bias}, 0.0}}, {},
            [&](int step) { return problem.loss(step); });
  EXPECT_GT(problem.weight.abs().sum().item<double>(), 0.1);
  EXPECT_EQ(problem.bias.abs().sum().item<double>(), 0);
}

}  // namespace
}  // namespace scrim
