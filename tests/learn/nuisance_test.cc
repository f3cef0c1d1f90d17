#include "learn/nuisance.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

constexpr std::int64_t kNuisanceChannels = 16, kDirections = 2, kSide = 64;
const std::vector<double> kRatios = {3.0, 0.5};

Sent sent_of(const torch::Tensor& signal) {
  const auto snr = torch::tensor(kRatios, torch::kFloat32);
  return {signal, snr.unsqueeze(0).expand({signal.size(0), -1}), {}};
}

// Every cell, of answers of nine cells that say `known` of it.
std::vector<AnswerCells> all_cells(const torch::Tensor& known) {
  return {{torch::arange(known.size(0)), known, 9}};
}

torch::Tensor known_of(std::int64_t cells) { return torch::linspace(-1, 1, cells).unsqueeze(1); }

double told_of(double first_variance, double second_variance, double alpha) {
  const double nats =
      0.5 * (std::log1p(kRatios[0] * first_variance) + std::log1p(kRatios[1] * second_variance));
  return 9 * nats / (0.5 * kNuisanceChannels * std::log(1 / alpha));
}

TEST(Nuisance, IsTheCapacityForWhatTheAnswersDoNotExplain) {
  torch::manual_seed(1);
  const auto signal = torch::randn({2, kDirections, kSide, kSide});
  signal.select(1, 1).mul_(2);
  Nuisance nuisance(1, kDirections);
  const auto alphas = torch::tensor({0.5, 0.5}, torch::kFloat64);
  const double told =
      nuisance
          .told(sent_of(signal), all_cells(known_of(2 * kSide * kSide)), alphas, kNuisanceChannels)
          .item<double>();
  // Variances of 8192 cells are off by 1/64 of themselves, logarithms by less.
  EXPECT_NEAR(told, told_of(1, 4, 0.5), 5 * told_of(1, 4, 0.5) / 64);
}

TEST(Nuisance, WhatTheAnswersExplainIsNotTold) {
  const auto known = known_of(kSide * kSide);
  const auto cells = torch::cat({2 * known + 1, -known}, 1);  // n x K
  const auto signal = cells.view({1, kSide, kSide, kDirections}).permute({0, 3, 1, 2});
  Nuisance nuisance(1, kDirections);
  const auto told = nuisance.told(sent_of(signal), all_cells(known),
                                  torch::tensor({0.9}, torch::kFloat64), kNuisanceChannels);
  EXPECT_NEAR(told.item<double>(), 0, 1e-6);
}

TEST(Nuisance, CountsBitsAgainstWhatTheAlphaLetsPass) {
  torch::manual_seed(2);
  const auto signal = torch::randn({1, kDirections, kSide, kSide});
  const auto known = known_of(kSide * kSide);
  const auto at = [&](double alpha) {
    return Nuisance(1, kDirections)
        .told(sent_of(signal), all_cells(known), torch::tensor({alpha}, torch::kFloat64),
              kNuisanceChannels)
        .item<double>();
  };
  EXPECT_NEAR(at(0.9) / at(0.81), 2, 1e-9);
}

TEST(Nuisance, GradientLowersIt) {
  torch::manual_seed(3);
  auto signal = torch::randn({1, kDirections, kSide, kSide}).requires_grad_();
  const auto known = known_of(kSide * kSide);
  const auto alphas = torch::tensor({0.9}, torch::kFloat64);
  const auto told =
      Nuisance(1, kDirections).told(sent_of(signal), all_cells(known), alphas, kNuisanceChannels);
  told.backward();
  const auto moved = (signal - 500 * signal.grad()).detach();
  const auto after =
      Nuisance(1, kDirections).told(sent_of(moved), all_cells(known), alphas, kNuisanceChannels);
  EXPECT_LT(after.item<double>(), told.item<double>());
}

// A quiet batch after a loud one: what was seen before still counts, and is part of the state.
TEST(Nuisance, AveragesOverBatchesAndIsResumed) {
  torch::manual_seed(4);
  const auto loud = torch::randn({1, kDirections, kSide, kSide}), quiet = 0.1 * loud;
  const auto known = known_of(kSide * kSide);
  const auto alphas = torch::tensor({0.9}, torch::kFloat64);
  const auto tell = [&](Nuisance& nuisance, const torch::Tensor& signal) {
    return nuisance.told(sent_of(signal), all_cells(known), alphas, kNuisanceChannels)
        .item<double>();
  };
  Nuisance one(1, kDirections);
  tell(one, loud);
  Nuisance resumed(1, kDirections);
  for (std::size_t i = 0; i < 2; ++i) resumed.buffers()[i].copy_(one.buffers()[i]);
  const double after = tell(one, quiet);
  EXPECT_EQ(tell(resumed, quiet), after);
  Nuisance fresh(1, kDirections);
  EXPECT_GT(after, 2 * tell(fresh, quiet));
}

TEST(Nuisance, AGroupOfTooFewCellsCountsNothing) {
  torch::manual_seed(5);
  const auto signal = torch::randn({1, kDirections, 2, 2});
  Nuisance nuisance(2, kDirections);
  const std::vector<AnswerCells> cells = {
      {torch::arange(4), known_of(4), 4},
      {torch::empty({0}, torch::kInt64), torch::empty({0, 1}), 0}};
  const auto told = nuisance.told(sent_of(signal), cells, torch::tensor({0.9}, torch::kFloat64),
                                  kNuisanceChannels);
  EXPECT_EQ(told.item<double>(), 0);
}

}  // namespace
}  // namespace scrim
