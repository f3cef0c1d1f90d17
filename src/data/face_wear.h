// What lies around and over a drawn face: clothes, hair, headwear, glasses, masks.
#pragma once

#include "data/face_frame.h"
#include "data/face_look.h"

namespace scrim {

// The head's silhouette from chin to skull, enlarged by `grow` in face coordinates.
Points head_outline(const FaceFrame& frame, const FaceLook& look, float grow = 0);

// Behind the face: shoulders, neck, and the hair that falls behind.
void draw_behind(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look);
// Over the face: mask, glasses, then hair and headwear.
void draw_over(cv::Mat& canvas, Random& random, const FaceFrame& frame, const FaceLook& look);

}  // namespace scrim
