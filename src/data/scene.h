// One drawn picture: a place, people, light, and the faults of a camera.
#pragma once

#include "base/random.h"
#include "data/drawn_face.h"

#include <scrim/dataset.h>

#include <opencv2/core.hpp>

#include <vector>

namespace scrim {

struct DrawnScene {
  Image picture;
  std::vector<FacePose> faces;  // in pixels of the picture
};

// Draws a portrait, a group, a street or a crowd. A face is at most a quarter covered by each
// nearer person, and its centre lies in the picture.
DrawnScene draw_scene(Random& random, int width, int height);

// What a camera does to a picture: exposure and colour cast, defocus or motion, sensor noise,
// sometimes no colour at all.
void photograph(cv::Mat& picture, Random& random);

}  // namespace scrim
