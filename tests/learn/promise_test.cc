#include "learn/promise.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

constexpr std::int64_t kPromiseChannels = 6;

torch::Tensor cells_of(double scale, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn({2, kPromiseChannels, 60, 60}) * scale;
}

Moments moments_of(const torch::Tensor& cells) {
  Moments moments;
  moments.add(cells);
  return moments;
}

std::unique_ptr<Obfuscator> uniform_on_unit_channels() {
  const Moments activation = moments_of(cells_of(1, 1));
  return closed_form_obfuscator(closed_form_code(activation, activation, Objective::kUniform),
                                Objective::kUniform, 8);
}

TEST(Promise, IsKeptOnPicturesLikeThoseOfTheStatistics) {
  const auto obfuscator = uniform_on_unit_channels();
  const auto cells = cells_of(1, 2);
  const Promise promise = make_promise(*obfuscator, {0.5, 0.9}, 8, moments_of(cells_of(1, 3)),
                                       moments_of(cells), cells);
  ASSERT_EQ(promise.realised_alphas.size(), 2U);
  // 7,200 cells: a variance is known to sqrt(2 / 7200) = 1.7 %, six of them to 0.7 %.
  EXPECT_NEAR(promise.realised_alphas[0], 0.5, 0.02);
  EXPECT_GE(promise.realised_joint_alphas[0], promise.realised_alphas[0] - 1e-9);
  EXPECT_GT(promise.cell_norms[0].median, promise.cell_norms[1].median);
  const NoiseParameters& noise = promise.noise;
  ASSERT_EQ(noise.held_out_variance.size(), static_cast<std::size_t>(kPromiseChannels));
  ASSERT_EQ(noise.held_out_covariance.size(),
            static_cast<std::size_t>(kPromiseChannels * kPromiseChannels));
  for (std::size_t k = 0; k < noise.held_out_variance.size(); ++k) {
    EXPECT_NEAR(noise.held_out_covariance[k * (kPromiseChannels + 1)], noise.held_out_variance[k],
                1e-5);
  }
  ASSERT_EQ(noise.held_out_cell_norm.size(), 2U);
  EXPECT_NEAR(noise.held_out_cell_norm[0], promise.cell_norms[0].p999, 1e-4);
}

TEST(Promise, LouderMarginWidensTheVariances) {
  const auto obfuscator = uniform_on_unit_channels();
  const auto cells = cells_of(1, 2);
  const Promise promise =
      make_promise(*obfuscator, {0.5}, 8, moments_of(cells_of(2, 3)), moments_of(cells), cells);
  EXPECT_GT(promise.realised_alphas[0], 0.7);  // SNR 1 / 4 a direction: alpha .8
}

TEST(Promise, LouderHeldOutPicturesWidenItAsWell) {
  const auto obfuscator = uniform_on_unit_channels();
  const auto cells = cells_of(3, 2);
  const Promise promise =
      make_promise(*obfuscator, {0.5}, 8, moments_of(cells_of(1, 3)), moments_of(cells), cells);
  EXPECT_GE(promise.realised_alphas[0], 0.5 - 1e-5);
}

}  // namespace
}  // namespace scrim
