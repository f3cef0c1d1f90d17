// What a drawn person looks like, apart from where the face is.
#pragma once

#include "base/random.h"
#include "data/brush.h"

namespace scrim {

enum class HairStyle { kBald, kShort, kSide, kLong, kCurly, kBun };
enum class Headwear { kNone, kCap, kKnit, kScarf, kHelmet };
enum class FaceMask { kNone, kSurgical, kBelowNose, kRespirator };

struct FaceLook {
  Colour skin, hair, iris, lips, clothes, headwear_colour, mask_colour;
  HairStyle hair_style = HairStyle::kShort;
  Headwear headwear = Headwear::kNone;
  FaceMask mask = FaceMask::kNone;
  bool glasses = false;
  bool dark_glasses = false;
  float hairline = -0.9F;    // v at which the hair begins on the forehead
  float jaw = 0.3F;          // how much the face narrows towards the chin
  float eye_width = 0.2F;    // half, in face coordinates
  float eye_open = 0.09F;    // half
  float gaze = 0;            // iris offset, in eye widths
  float brow_height = 0.2F;  // above the eye
  float brow_thickness = 0.06F;
  float nose_width = 0.2F;
  float mouth_width = 0.36F;  // half
  float mouth_open = 0;
  float smile = 0;     // how far the corners rise
  float beard = 0;     // opacity
  float age = 0;       // 0 to 1: wrinkles
  float contrast = 1;  // of the features against the skin
};

FaceLook random_look(Random& random);

}  // namespace scrim
