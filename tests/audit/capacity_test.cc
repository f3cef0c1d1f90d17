#include "audit/capacity.h"

#include "support/expect_error.h"
#include "support/tiny_release.h"

#include <gtest/gtest.h>

#include <random>

namespace scrim {
namespace {

std::vector<Scene> white_scenes(int count) {
  std::mt19937 generator(5);
  std::normal_distribution<float> normal;
  std::vector<Scene> scenes(static_cast<std::size_t>(count));
  for (Scene& scene : scenes) {
    scene.activation = {{1, 3, 20, 30}, std::vector<float>(3 * 20 * 30)};
    for (float& value : scene.activation.values) value = normal(generator);
  }
  return scenes;
}

// 6000 cells: variances are off by at most five standard errors, 5 sqrt(2 / 6000) = .09, and alpha
// by the same share of ln(1/alpha) at most.
TEST(Capacity, OfWhiteActivationsIsWhatAlphaPromises) {
  const auto rows = capacity_of(tiny_noise(), {0.5, 0.95}, white_scenes(10));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_NEAR(rows[0].diagonal_alpha, 0.5, 0.09 * 0.5 * 0.6931);
  EXPECT_NEAR(rows[1].diagonal_alpha, 0.95, 0.09 * 0.95 * 0.0513);
  for (const CapacityRow& row : rows) {
    EXPECT_GE(row.joint_alpha, row.diagonal_alpha - 1e-12);
    EXPECT_NEAR(row.bits_per_picture, row.diagonal_bits * 4 * 600, 1e-6);
    EXPECT_LT(row.norm_median, row.norm_99);
    EXPECT_LE(row.norm_99, row.norm_999);
    EXPECT_LE(row.norm_999, row.norm_max);
  }
  EXPECT_LT(rows[1].pair_distance_50, rows[0].pair_distance_50);
  EXPECT_LT(rows[1].cell_auc_50, rows[0].cell_auc_50);
}

TEST(Capacity, OfEqualPicturesCannotTellThemApart) {
  std::vector<Scene> scenes = white_scenes(1);
  scenes.push_back(scenes.front());
  const auto rows = capacity_of(tiny_noise(), {0.8}, scenes);
  EXPECT_DOUBLE_EQ(rows[0].pair_auc_50, 0.5);
  EXPECT_DOUBLE_EQ(rows[0].cell_auc_50, 0.5);
}

TEST(Capacity, NeedsPictures) {
  expect_error(ErrorCode::kInvalidArgument, "one", [] { capacity_of(tiny_noise(), {0.8}, {}); });
}

}  // namespace
}  // namespace scrim
