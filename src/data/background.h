// What lies behind drawn faces: a place, and things in it that could be taken for a face.
#pragma once

#include "base/random.h"
#include "data/brush.h"

namespace scrim {

// A colour of any hue, more often dull than vivid.
Colour any_colour(Random& random);

// Covers the whole canvas: a wall, a street, leaves, shelves or tiles.
void draw_background(cv::Mat& canvas, Random& random);

// Draws one thing: box, pole, lines of text, or something round (ball, clock, plate, wheel, lamp)
// or of the colour of skin, which a detector has to leave alone.
void draw_thing(cv::Mat& canvas, Random& random);

}  // namespace scrim
