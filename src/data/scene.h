// One drawn picture: a place, people, light, and the faults of a camera.
#pragma once

#include "base/random.h"
#include "data/drawn_face.h"

#include <scrim/dataset.h>

#include <vector>

namespace scrim {

struct Scene {
  Image picture;
  std::vector<FacePose> faces;  // in pixels of the picture
};

// Draws a portrait, a group, a street or a crowd. A face is at most a quarter covered by each
// nearer person, and its centre lies in the picture.
Scene draw_scene(Random& random, int width, int height);

}  // namespace scrim
