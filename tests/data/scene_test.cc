#include "data/scene.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace scrim {
namespace {

TEST(Scene, HasTheSizeAskedForAndFacesInside) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    Random random(seed);
    const DrawnScene scene = draw_scene(random, 160, 120);
    EXPECT_EQ(scene.picture.width, 160);
    EXPECT_EQ(scene.picture.height, 120);
    EXPECT_EQ(scene.picture.pixels.size(), 160U * 120U * 3U);
    EXPECT_FALSE(scene.faces.empty());
    for (const FacePose& face : scene.faces) {
      EXPECT_GT(face.centre.x, 0);
      EXPECT_LT(face.centre.x, 160);
      EXPECT_GT(face.centre.y, 0);
      EXPECT_LT(face.centre.y, 120);
      EXPECT_GT(face.half_height, 1);
      EXPECT_LE(2 * face.half_height, 0.6 * 120 + 1e-3);
    }
  }
}

TEST(Scene, FacesOfOnePictureCoverEachOtherLittle) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    Random random(seed);
    const auto faces = draw_scene(random, 160, 120).faces;
    for (std::size_t i = 0; i < faces.size(); ++i) {
      for (std::size_t j = i + 1; j < faces.size(); ++j) {
        const float dx = std::abs(faces[i].centre.x - faces[j].centre.x);
        const float dy = std::abs(faces[i].centre.y - faces[j].centre.y);
        // Later faces are nearer. One that reached a farther face's centre would hide a quarter.
        EXPECT_TRUE(dx > faces[j].half_width || dy > faces[j].half_height) << seed;
      }
    }
  }
}

TEST(Scene, SmallAndLargeFacesAndEmptyAndFullPicturesOccur) {
  float smallest = 1000, largest = 0;
  std::size_t fewest = 1000, most = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const auto faces = draw_scene(random, 120, 90).faces;
    fewest = std::min(fewest, faces.size());
    most = std::max(most, faces.size());
    for (const FacePose& face : faces) {
      smallest = std::min(smallest, face.half_height);
      largest = std::max(largest, face.half_height);
    }
  }
  EXPECT_LE(fewest, 2U);
  EXPECT_GE(most, 12U);
  EXPECT_LT(smallest, 0.05F * 90 / 2);
  EXPECT_GT(largest, 0.4F * 90 / 2);
}

}  // namespace
}  // namespace scrim
