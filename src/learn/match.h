// Which priors stand for which faces: the targets of FaceBoxes' multibox loss.
#pragma once

#include "data/detections.h"
#include "learn/window.h"

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace scrim {

inline constexpr std::int64_t kFace = 1;
inline constexpr std::int64_t kBackground = 0;
inline constexpr std::int64_t kIgnored = -1;

// One entry a prior. `offsets` is meaningful where the label is kFace.
struct Targets {
  std::vector<std::int64_t> labels;
  std::vector<std::array<float, 4>> offsets;  // in units of the variances .1 and .2
};

// A prior is a face's if their IoU is at least .35; the best prior of a face is its own if their
// IoU exceeds .2. Priors that overlap an ignored face by .3 or more are neither face nor
// background.
Targets match_faces(std::span<const Prior> priors, const WindowFaces& faces, int size);

}  // namespace scrim
