#include "support/expect_error.h"

#include <scrim/learn.h>

#include <gtest/gtest.h>

namespace scrim {
namespace {

LearnOptions valid() {
  LearnOptions options;
  options.output = "r";
  return options;
}

TEST(Objective, HasOneNameBothWays) {
  for (const auto objective : {Objective::kCoded, Objective::kLinear, Objective::kFisher,
                               Objective::kUniform, Objective::kMixture}) {
    EXPECT_EQ(objective_of(objective_name(objective)), objective);
  }
  expect_error(ErrorCode::kInvalidArgument, "got 'best'", [] { objective_of("best"); });
}

TEST(LearnOptions, BothRecipesAreValidAndFullTakesMoreSteps) {
  EXPECT_NO_THROW(valid().validate());
  LearnOptions full = LearnOptions::full();
  full.output = "r";
  EXPECT_NO_THROW(full.validate());
  EXPECT_GT(full.tail_steps, LearnOptions::quick().tail_steps);
}

TEST(LearnOptions, FieldOutOfRangeIsNamedWithItsValue) {
  const auto refused = [](const std::string& words, const std::function<void(LearnOptions&)>& set) {
    LearnOptions options = valid();
    set(options);
    expect_error(ErrorCode::kInvalidArgument, words, [&] { options.validate(); });
  };
  refused("alpha must be in (0, 1), got 1", [](auto& o) { o.alphas = {1}; });
  refused("ascend", [](auto& o) { o.alphas = {0.8, 0.5}; });
  refused("at least 1 alpha", [](auto& o) { o.alphas.clear(); });
  refused("window must be a multiple of 64, got 100", [](auto& o) { o.window = 100; });
  refused("noise weight must be in (0, 1), got 1", [](auto& o) { o.noise_weight = 1; });
  refused("coded or linear, not with fisher", [](auto& o) {
    o.encoder = true;
    o.objective = Objective::kFisher;
  });
  refused("distil must be in [0, 100], got -1", [](auto& o) { o.distil = -1; });
  refused("nuisance must be in [0, 100], got 101", [](auto& o) { o.nuisance = 101; });
  refused("nuisance has a price with objective coded or linear, not with uniform", [](auto& o) {
    o.nuisance = 1;
    o.objective = Objective::kUniform;
  });
  refused("clip must be in (0, 511], got 600", [](auto& o) { o.clip = 600; });
  refused("device must be auto, cpu or cuda, got 'tpu'", [](auto& o) { o.device = "tpu"; });
}

TEST(TrainOptions, BothKindsAreValidAndFieldsOutOfRangeAreNamed) {
  for (TrainOptions options : {TrainOptions::detector(), TrainOptions::classifier()}) {
    options.output = "w";
    EXPECT_NO_THROW(options.validate());
    options.batch = 1;
    expect_error(ErrorCode::kInvalidArgument, "batch must be at least 2 for batch norm, got 1",
                 [&] { options.validate(); });
    options.batch = 2;
    options.rate = 0;
    expect_error(ErrorCode::kInvalidArgument, "rate must be above 0, got 0",
                 [&] { options.validate(); });
  }
}

}  // namespace
}  // namespace scrim
