// One drawn person, from the shoulders up.
#pragma once

#include "base/random.h"

#include <opencv2/core.hpp>

namespace scrim {

// Where a face is and how it looks into the picture. The face is the ellipse from the hairline to
// the chin; hair, neck and shoulders reach beyond it.
struct FacePose {
  cv::Point2f centre;  // pixels of the canvas
  float half_height = 0;
  float half_width = 0;
  float roll = 0;   // radians, in the plane of the picture
  float yaw = 0;    // radians, to the picture's right
  float pitch = 0;  // radians, downwards
};

// A random pose of about +-25 degrees of roll and +-35 degrees of yaw, mostly near upright.
FacePose random_pose(Random& random, cv::Point2f centre, float half_height);

// Draws the person with a random look: skin, hair, age, glasses, mask, beard, hat, clothes.
void draw_person(cv::Mat& canvas, Random& random, const FacePose& pose);

}  // namespace scrim
