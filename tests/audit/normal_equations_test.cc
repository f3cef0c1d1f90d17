#include "audit/normal_equations.h"

#include <scrim/status.h>

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>

namespace scrim {
namespace {

// y = W^T x for random x, W as inputs x outputs.
std::vector<float> recovered(std::size_t inputs, std::size_t outputs,
                             const std::vector<float>& weights, std::size_t samples) {
  NormalEquations equations(inputs, outputs);
  std::mt19937 generator(3);
  std::normal_distribution<float> normal;
  for (std::size_t sample = 0; sample < samples; ++sample) {
    std::vector<float> x(inputs), y(outputs);
    for (float& value : x) value = normal(generator);
    for (std::size_t i = 0; i < inputs; ++i) {
      for (std::size_t o = 0; o < outputs; ++o) y[o] += x[i] * weights[i * outputs + o];
    }
    equations.add(x, y);
  }
  return equations.solve(1e-9);
}

std::vector<float> ramp(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i % 7) - 3.0F;
  return values;
}

// Sizes around the tiles (4 and 8) and sample counts around the float32 batch (256).
TEST(NormalEquations, RecoverExactWeightsForAnySizeAndSampleCount) {
  for (const std::size_t inputs : {1, 3, 4, 5, 8, 13}) {
    for (const std::size_t outputs : {1, 2, 7, 9}) {
      for (const std::size_t samples : {64, 255, 256, 257, 700}) {
        const std::vector<float> weights = ramp(inputs * outputs);
        const std::vector<float> found = recovered(inputs, outputs, weights, samples);
        ASSERT_EQ(found.size(), weights.size());
        for (std::size_t i = 0; i < weights.size(); ++i) {
          // Entries have a relative error near 1e-7; 64 samples of 13 inputs a condition under 10.
          ASSERT_NEAR(found[i], weights[i], 1e-4) << inputs << " x " << outputs << ", " << samples;
        }
      }
    }
  }
}

TEST(NormalEquations, GiveADirectionWithoutVarianceNoWeight) {
  NormalEquations equations(2, 1);
  for (int i = 0; i < 100; ++i) {
    const float value = static_cast<float>(i % 5) - 2.0F;
    equations.add(std::array{value, 0.0F}, std::array{3 * value});
  }
  const std::vector<float> weights = equations.solve(1e-6);
  EXPECT_NEAR(weights[0], 3, 1e-4);
  EXPECT_EQ(weights[1], 0);
}

TEST(NormalEquations, ShareAWeightBetweenEqualInputs) {
  NormalEquations equations(2, 1);
  for (int i = 0; i < 100; ++i) {
    const float value = static_cast<float>(i % 5) - 2.0F;
    equations.add(std::array{value, value}, std::array{4 * value});
  }
  const std::vector<float> weights = equations.solve(1e-6);
  EXPECT_NEAR(weights[0], 2, 1e-3);
  EXPECT_NEAR(weights[1], 2, 1e-3);
}

TEST(NormalEquations, AnswerZeroWhereNothingVaries) {
  NormalEquations equations(2, 1);
  equations.add(std::array{0.0F, 0.0F}, std::array{0.0F});
  EXPECT_EQ(equations.solve(1e-6), (std::vector<float>{0, 0}));
}

TEST(NormalEquations, RefuseNoSamplesOtherSizesAndNotANumber) {
  NormalEquations equations(2, 1);
  EXPECT_THROW(equations.solve(1e-6), Error);
  EXPECT_THROW(equations.add(std::array{1.0F}, std::array{1.0F}), Error);
  EXPECT_THROW(NormalEquations(0, 1), Error);
  equations.add(std::array{std::numeric_limits<float>::quiet_NaN(), 1.0F}, std::array{1.0F});
  EXPECT_THROW(equations.solve(1e-6), Error);
}

// y = 3 x with Var(x) = 4, seen as scale x + n: 3 scale 4 / (scale^2 4 + Var(n)).
TEST(NormalEquations, SolveForNoiseThatWasNeverDrawn) {
  NormalEquations equations(1, 1);
  for (int i = 0; i < 1000; ++i) {
    const float x = i % 2 == 0 ? 2.0F : -2.0F;
    equations.add(std::array{x}, std::array{3 * x});
  }
  const std::array scale{0.5}, variance{3.0};
  EXPECT_NEAR(equations.solve_noisy(1e-9, scale, variance)[0], 3 * 0.5 * 4 / (0.25 * 4 + 3), 1e-5);
  EXPECT_NEAR(equations.solve(1e-9)[0], 3, 1e-5);  // and the sums are as they were
}

}  // namespace
}  // namespace scrim
