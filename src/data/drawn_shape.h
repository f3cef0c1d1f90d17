// One drawn picture of one shape: what a small classifier learns from.
#pragma once

#include "base/random.h"
#include "data/brush.h"

#include <scrim/dataset.h>

#include <array>
#include <string_view>

namespace scrim {

enum class Shape2d { kDisc, kRing, kSquare, kTriangle, kStar, kCross, kArrow, kCrescent };

// The names of the shapes, in the order of Shape2d.
inline constexpr std::array<std::string_view, 8> kShapeNames = {
    "disc", "ring", "square", "triangle", "star", "cross", "arrow", "crescent"};

// The outline of a shape about the origin, reaching from the centre to 1 at its farthest point. A
// ring is one outline too: around outside, across, and back around inside.
Points shape_outline(Shape2d shape);

// Draws a place, clutter, and the shape in front of it: a size of 30 to 70 % of the shorter side,
// turned and squeezed at random, wholly inside the picture, of another brightness than the place.
Image draw_shape_picture(Random& random, Shape2d shape, int width, int height);

}  // namespace scrim
