#include "learn/window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

// A black picture with one white rectangle, which is also its only face.
Image picture_with(const Box& box) {
  Image image{100, 80, std::vector<std::uint8_t>(100 * 80 * 3, 0)};
  for (int y = static_cast<int>(box.y1); y < static_cast<int>(box.y2); ++y) {
    for (int x = static_cast<int>(box.x1); x < static_cast<int>(box.x2); ++x) {
      for (int c = 0; c < 3; ++c)
        image.pixels[static_cast<std::size_t>((y * 100 + x) * 3 + c)] = 255;
    }
  }
  return image;
}

WindowOptions options_of(int size) {
  WindowOptions options;
  options.size = size;
  options.toward_face = 1;
  options.mean = {0, 0, 0};
  return options;
}

// The bounds of the pixels brighter than the middle between the darkest and the brightest.
Box bright_bounds(const std::vector<float>& window, int size) {
  const auto plane = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  const auto [low, high] =
      std::minmax_element(window.begin(), window.begin() + static_cast<long>(plane));
  const float middle = (*low + *high) / 2;
  Box bounds{1e9F, 1e9F, -1, -1};
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      if (window[static_cast<std::size_t>(y * size + x)] < middle) continue;
      bounds.x1 = std::min(bounds.x1, static_cast<float>(x));
      bounds.y1 = std::min(bounds.y1, static_cast<float>(y));
      bounds.x2 = std::max(bounds.x2, static_cast<float>(x + 1));
      bounds.y2 = std::max(bounds.y2, static_cast<float>(y + 1));
    }
  }
  return bounds;
}

TEST(Window, BoxesFollowThePixelsThroughZoomShiftAndMirror) {
  const Box face{30, 20, 50, 45};
  const Image image = picture_with(face);
  const std::vector<Box> faces = {face};
  constexpr int kSize = 256;
  int seen_whole = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    std::vector<float> window(3 * kSize * kSize);
    const auto placed = draw_window(image, faces, options_of(kSize), Random(7, 1, i), window);
    if (placed.faces.size() != 1) continue;
    const Box& box = placed.faces[0];
    if (box.x1 < 2 || box.y1 < 2 || box.x2 > kSize - 2 || box.y2 > kSize - 2) continue;
    ++seen_whole;
    const Box bounds = bright_bounds(window, kSize);
    // The edge is a ramp of `zoom` pixels around the box; its middle is the box edge to a pixel.
    EXPECT_NEAR(bounds.x1, box.x1, 1.01);
    EXPECT_NEAR(bounds.y1, box.y1, 1.01);
    EXPECT_NEAR(bounds.x2, box.x2, 1.01);
    EXPECT_NEAR(bounds.y2, box.y2, 1.01);
  }
  EXPECT_GT(seen_whole, 20);
}

TEST(Window, SameRandomDrawsTheSameWindow) {
  const std::vector<Box> faces = {{30, 20, 50, 45}};
  const Image image = picture_with(faces[0]);
  std::vector<float> one(3 * 64 * 64);
  std::vector<float> two(3 * 64 * 64, 1);
  draw_window(image, faces, options_of(64), Random(3, 1, 5), one);
  draw_window(image, faces, options_of(64), Random(3, 1, 5), two);
  EXPECT_EQ(one, two);
  draw_window(image, faces, options_of(64), Random(3, 1, 6), two);
  EXPECT_NE(one, two);
}

TEST(Window, LowFacesAreIgnoredNotLost) {
  const std::vector<Box> faces = {{30, 20, 33, 23}};  // 9 pixels at x3, at most 13 with the zoom
  const auto placed = [&] {
    std::vector<float> window(3 * 512 * 512);
    return draw_window(picture_with(faces[0]), faces, options_of(512), Random(1, 1, 1), window);
  }();
  EXPECT_TRUE(placed.faces.empty());
  EXPECT_EQ(placed.ignored.size(), 1U);
}

TEST(Window, SmallPictureIsExtendedByItsEdge) {
  Image grey{10, 10, std::vector<std::uint8_t>(300, 90)};
  std::vector<float> window(3 * 128 * 128);
  draw_window(grey, {}, options_of(128), Random(2, 1, 1), window);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto plane = window.begin() + static_cast<long>(c * 128 * 128);
    EXPECT_EQ(*std::min_element(plane, plane + 128 * 128),
              *std::max_element(plane, plane + 128 * 128));
  }
}

TEST(Window, ColoursStayWithinTheStatedRanges) {
  Image grey{64, 64, std::vector<std::uint8_t>(64 * 64 * 3, 128)};
  std::vector<float> window(3 * 64 * 64);
  for (std::uint64_t i = 0; i < 50; ++i) {
    draw_window(grey, {}, options_of(64), Random(9, 1, i), window);
    // 128 is the pivot of the contrast: only brightness (+-15 %) and gain (+-6 %) move it.
    for (const float value : window) {
      EXPECT_GE(value, 128 * 0.85F * 0.94F - 0.01F);
      EXPECT_LE(value, 128 * 1.15F * 1.06F + 0.01F);
    }
  }
}

}  // namespace
}  // namespace scrim
