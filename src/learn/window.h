// One training view: a random window of an enlarged picture, and the faces in it.
#pragma once

#include <scrim/dataset.h>

#include "base/random.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace scrim {

// How views are drawn. The ranges are those of docs/guide/learn.md.
struct WindowOptions {
  int size = 512;            // pixels each way, a multiple of 64
  double scale = 3.0;        // enlargement, the same as at inference
  double zoom = 0.35;        // times exp(U(-zoom, zoom))
  double toward_face = 0.5;  // share of windows that are placed on a face
  double min_face = 16;      // pixels in the window; lower faces are ignored, not negatives
  std::array<double, 3> mean = {104, 117, 123};  // subtracted from B, G, R
};

// Faces in pixels of the window. Ignored ones (too low, or centre outside) are no negatives.
struct WindowFaces {
  std::vector<Box> faces;
  std::vector<Box> ignored;
};

// What a view shows: the faces in it, or the class of its picture (-1 if it has none).
struct Label {
  WindowFaces faces;
  std::int64_t class_index = -1;
};

// Draws the window into `out` (3 x size x size, B G R planes, mean subtracted): random zoom, place,
// mirror, brightness +-15 %, contrast +-20 %, channel gains +-6 %, 7 % grey; edges replicated.
WindowFaces draw_window(const Image& image, std::span<const Box> faces,
                        const WindowOptions& options, Random random, std::span<float> out);

}  // namespace scrim
