// Where a face must lie for the recogniser, from the box that FaceBoxes found.
#pragma once

#include <scrim/dataset.h>

namespace scrim {

// The recogniser's input.
inline constexpr int kTemplateWidth = 96;
inline constexpr int kTemplateHeight = 112;

// A rotation, an enlargement and a shift: (u, v) -> (a u - b v + x, b u + a v + y).
struct Similarity {
  double a = 1, b = 0, x = 0, y = 0;
};

// From pixels of the recogniser's template to pixels of the picture that the box is in. Eyes, nose
// and corners of the mouth are taken where they lie on average in FaceBoxes' boxes, and brought
// onto the template's by least squares. Pixel centres are at whole numbers.
Similarity template_to_picture(const Box& box);

}  // namespace scrim
