#include "learn/view_cache.h"

#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

struct ViewCacheFixture {
  ViewCacheFixture() {
    generate_faces(folder / "d", {.pictures = 5, .width = 100, .height = 80, .seed = 3});
    pictures = std::make_unique<Pictures>(std::vector<Dataset>{Dataset::open(folder / "d")});
    WindowOptions window;
    window.size = 64;
    views = std::make_unique<Views>(*pictures, window, 11);
  }
  ViewCache cache(std::int64_t capacity, std::int64_t initial) {
    const auto trunk = [this](const torch::Tensor& input) {
      ++groups;
      return torch::avg_pool2d(input, 8) / 256;
    };
    return {*views, trunk, capacity, initial, 21};
  }
  TemporaryFolder folder;
  std::unique_ptr<Pictures> pictures;
  std::unique_ptr<Views> views;
  int groups = 0;
};

TEST(ViewCache, ResumedStepSeesWhatAnUnbrokenRunSaw) {
  ViewCacheFixture f;
  ViewCache unbroken = f.cache(24, 16);
  std::vector<CachedBatch> batches;
  for (int step = 0; step < 9; ++step) batches.push_back(unbroken.batch(step, 12));
  ViewCache resumed = f.cache(24, 16);
  for (int step = 6; step < 9; ++step) {
    const CachedBatch batch = resumed.batch(step, 12);
    const auto& expected = batches[static_cast<std::size_t>(step)];
    EXPECT_TRUE(torch::equal(batch.trunk_activation, expected.trunk_activation)) << step;
    for (std::size_t i = 0; i < 12; ++i)
      EXPECT_EQ(batch.labels[i].faces.faces.size(), expected.labels[i].faces.faces.size());
  }
}

TEST(ViewCache, EachStepDrawsOneGroupOfNewViews) {
  ViewCacheFixture f;
  ViewCache cache = f.cache(40, 16);
  cache.batch(0, 12);
  EXPECT_EQ(f.groups, 3);  // 16 to begin with, 8 new
  cache.batch(1, 12);
  EXPECT_EQ(f.groups, 4);
}

TEST(ViewCache, KeepsTheActivationToHalfPrecision) {
  ViewCacheFixture f;
  ViewCache cache = f.cache(8, 8);
  const auto batch = cache.batch(0, 8);  // the ring holds just the eight newest, views 8 to 15
  const auto direct = torch::avg_pool2d(f.views->draw(8, 8).input, 8) / 256;
  // Half precision: 11 bits, values under 1.
  EXPECT_TRUE(torch::allclose(batch.trunk_activation, direct, 0x1.0p-11, 1e-6));
}

}  // namespace
}  // namespace scrim
