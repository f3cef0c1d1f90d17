#include "audit/conditions.h"

#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

// All signal-to-noise ratios equal: n repeats take alpha to alpha / (alpha + n (1 - alpha)).
NoiseParameters uniform(double alpha) {
  NoiseParameters noise;
  noise.channels = noise.directions = 3;
  noise.alphas = {alpha};
  noise.scale.emplace_back(3, 1.0F);
  noise.sigma.emplace_back(3, static_cast<float>(std::sqrt(alpha / (1 - alpha))));
  return noise;
}

TEST(Conditions, AlphaAfterRepeatsIsThatOfTheUniformCase) {
  EXPECT_NEAR(alpha_after(uniform(0.95), 0, 19), 0.5, 1e-6);
  EXPECT_NEAR(alpha_after(uniform(0.8), 0, 4), 0.5, 1e-6);
  EXPECT_NEAR(alpha_after(uniform(0.95), 0, 2), 0.904761904762, 1e-6);
}

TEST(Conditions, HoldNoNoiseNoiseAloneAndEveryAlphaAloneAndAveraged) {
  const auto all = conditions_of(tiny_noise(), {0.5, 0.95}, {4});
  ASSERT_EQ(all.size(), 6U);
  EXPECT_EQ(all[0].seen, Seen::kNoNoise);
  EXPECT_EQ(all[0].sigma[0], 0.0F);
  EXPECT_EQ(all[1].seen, Seen::kNoiseOnly);
  EXPECT_EQ(all[1].scale[0], 0.0F);
  EXPECT_EQ(all[1].sigma[0], 1.0F);
  EXPECT_DOUBLE_EQ(all[2].alpha, 0.5);
  EXPECT_NEAR(all[2].alpha_after, 0.5, 1e-6);
  EXPECT_EQ(all[3].draws, 4);
  EXPECT_FLOAT_EQ(all[3].sigma[0], all[2].sigma[0] / 2);
  EXPECT_LT(all[3].alpha_after, 0.5);
}

TEST(Conditions, RefuseAnAlphaThatWasNotCalibrated) {
  expect_error(ErrorCode::kInvalidArgument, "0.7", [] { conditions_of(tiny_noise(), {0.7}, {}); });
}

TEST(Conditions, LevelIsAThirdOfTheLogitOfWhatIsLeft) {
  Condition condition;
  condition.alpha_after = 0.5;
  EXPECT_EQ(level_of(condition), 0);
  condition.alpha_after = 0.95;
  EXPECT_NEAR(level_of(condition), std::log(19.0) / 3, 1e-6);  // float32
}

}  // namespace
}  // namespace scrim
