#include "learn/alpha_root.h"

#include "noise/contract.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace scrim {
namespace {

torch::Tensor row(const std::vector<double>& values) {
  return torch::tensor(values, torch::kFloat64).unsqueeze(0);
}

double root_of(const std::vector<double>& s, double alpha) {
  return alpha_root(row(s), torch::tensor({alpha}, torch::kFloat64),
                    static_cast<std::int64_t>(s.size()))
      .item<double>();
}

// The published test vectors, given to 12 digits or more.
TEST(AlphaRoot, AgreesWithTheTestVectors) {
  EXPECT_NEAR(root_of({0, 0, 0, 0}, 0.5), 0, 1e-12);
  EXPECT_NEAR(root_of({0, 1, -1, 2}, 0.5), -0.192695212827962, 1e-12);
  EXPECT_NEAR(root_of({0, 1, -1, 2}, 0.95), 2.97523026098794, 1e-12);
  EXPECT_NEAR(root_of({0, 1, -1, 2}, 0.05), -3.40833694421405, 1e-12);
  EXPECT_NEAR(root_of({-3, 0, 3, 8}, 0.8), 2.74765422294365, 1e-12);
  EXPECT_NEAR(root_of({-8, -8, 10, 10, 10, 10, 10, 10}, 0.95), 9.47956096876969, 1e-12);
}

TEST(AlphaRoot, RowsOfABatchAreSolvedEachForItsOwnAlpha) {
  torch::manual_seed(1);
  for (const double spread : {1.0, 5.0, 10.0, 40.0}) {
    const auto s = (torch::rand({16, 24}, torch::kFloat64) * 2 - 1) * spread;
    const auto alphas = torch::linspace(0.02, 0.99, 16, torch::kFloat64);
    constexpr std::int64_t kChannels = 96;  // fewer directions than channels
    const auto snr = torch::exp(-(s + alpha_root(s, alphas, kChannels)));
    const auto kept = torch::exp(-snr.log1p().sum(1) / kChannels);
    EXPECT_LT((kept - alphas).abs().max().item<double>(), 1e-9) << "spread " << spread;
  }
}

TEST(AlphaRoot, GradientIsThatOfFiniteDifferencesAndOfTheClosedForm) {
  const std::vector<double> s = {0, 1, -1, 2};
  const auto variable = row(s).requires_grad_(true);
  alpha_root(variable, torch::tensor({0.5}, torch::kFloat64), 4).sum().backward();
  const std::vector<double> published = {-.310552685355, -.174799730788, -.434766589248,
                                         -.079880994602};
  constexpr double kStep = 1e-5;  // central differences: error of the order of the step's square
  for (std::size_t k = 0; k < s.size(); ++k) {
    auto above = s, below = s;
    above[k] += kStep;
    below[k] -= kStep;
    const double difference = (root_of(above, 0.5) - root_of(below, 0.5)) / (2 * kStep);
    const double gradient = variable.grad()[0][static_cast<std::int64_t>(k)].item<double>();
    EXPECT_NEAR(gradient, difference, 1e-8);
    EXPECT_NEAR(gradient, published[k], 1e-11);
  }
}

}  // namespace
}  // namespace scrim
