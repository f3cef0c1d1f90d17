#include "server/noise_evidence.h"

#include "server/noisy_tensor.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

const std::vector<float> kSigma = {0.3F, 0.6F, 1.0F, 0.8F, 0.5F, 0.4F, 0.9F, 0.7F};

bool shows(const TensorMessage& tensor, const std::vector<float>& sigma) {
  return shows_noise(tensor.bytes.view(), tensor.shape[0], tensor.shape[2], tensor.shape[3], sigma);
}

TEST(NoiseEvidence, DeclaredNoiseIsSeenWhateverItLiesOn) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    const double scale = seed % 4;  // 0: nothing but noise, the least that can be sent
    EXPECT_TRUE(shows(noisy_tensor({1, 8, 16, 16}, scale, kSigma, seed), kSigma)) << seed;
  }
}

bool on_grid(const TensorMessage& tensor, const std::vector<float>& sigma) {
  return lies_on_grid(tensor.bytes.view(), tensor.shape[0], tensor.shape[2], tensor.shape[3],
                      sigma);
}

TEST(NoiseEvidence, WhatANoiseLeavesLiesOnItsGrid) {
  const std::vector<float> none(8, 0);
  for (unsigned seed = 0; seed < 50; ++seed) {
    EXPECT_TRUE(on_grid(noisy_tensor({2, 8, 16, 16}, 1, kSigma, seed), kSigma)) << seed;
    EXPECT_FALSE(on_grid(noisy_tensor({2, 8, 16, 16}, 1, none, seed), kSigma)) << seed;
  }
  // Whole steps of sigma / 2, as an int8 wire rounds them.
  std::vector<float> steps;
  for (int i = 0; i < 8 * 4; ++i) {
    steps.push_back(static_cast<float>(i - 9) * (kSigma[static_cast<std::size_t>(i / 4)] / 2));
  }
  EXPECT_TRUE(on_grid(tensor("X", Datatype::kFp32, {1, 8, 2, 2}, steps), kSigma));
  steps[5] = std::nextafter(steps[5], 100.0F);
  EXPECT_FALSE(on_grid(tensor("X", Datatype::kFp32, {1, 8, 2, 2}, steps), kSigma));
}

TEST(NoiseEvidence, ADirectionWithoutNoiseIsPlusZero) {
  const std::vector<float> sigma = {1, 0};
  const auto with = [](float value) {
    return tensor("X", Datatype::kFp32, {1, 2, 1, 1}, std::vector<float>{1, value});
  };
  EXPECT_TRUE(on_grid(with(0), sigma));
  EXPECT_FALSE(on_grid(with(-0.0F), sigma));
  EXPECT_FALSE(on_grid(with(1), sigma));
}

TEST(NoiseEvidence, ACleanActivationShowsNone) {
  const std::vector<float> none(8, 0);
  for (unsigned seed = 0; seed < 50; ++seed) {
    EXPECT_FALSE(shows(noisy_tensor({1, 8, 16, 16}, 1, none, seed), kSigma)) << seed;
  }
}

TEST(NoiseEvidence, HalfOfTheDeclaredNoiseIsTooLittle) {
  std::vector<float> half = kSigma;
  for (float& sigma : half) sigma /= 2;
  EXPECT_FALSE(shows(noisy_tensor({1, 8, 16, 16}, 1, half, 1), kSigma));
}

TEST(NoiseEvidence, OneCleanSampleOfABatchIsEnough) {
  TensorMessage good = noisy_tensor({1, 8, 16, 16}, 1, kSigma, 1);
  const TensorMessage clean = noisy_tensor({1, 8, 16, 16}, 1, std::vector<float>(8, 0), 2);
  const std::string both = std::string(good.bytes.view()) + std::string(clean.bytes.view());
  EXPECT_FALSE(shows_noise(both, 2, 16, 16, kSigma));
  EXPECT_TRUE(shows_noise(std::string(good.bytes.view()) + std::string(good.bytes.view()), 2, 16,
                          16, kSigma));
}

TEST(NoiseEvidence, TooFewCellsOrNoNoiseProveNothing) {
  EXPECT_TRUE(shows(noisy_tensor({1, 8, 1, 16}, 1, std::vector<float>(8, 0), 1), kSigma));
  EXPECT_TRUE(shows(noisy_tensor({1, 8, 2, 2}, 1, kSigma, 1), kSigma));
  EXPECT_TRUE(shows(noisy_tensor({1, 8, 16, 16}, 1, kSigma, 1), std::vector<float>(8, 0)));
}

TEST(NoiseEvidence, OddSizesLeaveTheirEdgeOut) {
  EXPECT_TRUE(shows(noisy_tensor({2, 8, 17, 15}, 1, kSigma, 3), kSigma));
  EXPECT_FALSE(shows(noisy_tensor({2, 8, 17, 15}, 1, std::vector<float>(8, 0), 3), kSigma));
}

}  // namespace
}  // namespace scrim
