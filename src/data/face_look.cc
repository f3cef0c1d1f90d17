#include "data/face_look.h"

#include "data/background.h"

#include <array>

namespace scrim {
namespace {

// B, G, R: from light to dark, cool and warm.
const std::array<Colour, 12> kSkins = {
    Colour{190, 210, 240}, Colour{170, 195, 232}, Colour{175, 188, 222}, Colour{150, 178, 220},
    Colour{140, 168, 208}, Colour{122, 155, 200}, Colour{108, 140, 188}, Colour{95, 124, 172},
    Colour{78, 104, 150},  Colour{62, 84, 124},   Colour{48, 66, 100},   Colour{38, 52, 78}};

// Dark ones first: the darker the skin, the fewer of the rest come with it.
const std::array<Colour, 10> kHairs = {
    Colour{18, 18, 20},  Colour{25, 24, 28},    Colour{22, 26, 36},    Colour{30, 38, 52},
    Colour{38, 52, 78},  Colour{150, 150, 150}, Colour{205, 205, 208}, Colour{48, 70, 105},
    Colour{40, 62, 118}, Colour{95, 140, 178}};

const std::array<Colour, 5> kIrises = {Colour{25, 35, 55}, Colour{35, 50, 80}, Colour{140, 110, 70},
                                       Colour{90, 120, 95}, Colour{20, 22, 28}};

const std::array<Colour, 8> kMasks = {
    Colour{235, 220, 185}, Colour{240, 232, 215}, Colour{245, 245, 245}, Colour{250, 238, 225},
    Colour{35, 35, 38},    Colour{215, 190, 140}, Colour{190, 200, 120}, Colour{120, 90, 160}};

Colour near(Random& random, const Colour& colour, float amount) {
  return shaded(colour + Colour{random.betweenf(-1, 1) * amount, random.betweenf(-1, 1) * amount,
                                random.betweenf(-1, 1) * amount},
                random.betweenf(0.88, 1.1));
}

HairStyle random_style(Random& random) {
  const double draw = random.share();
  if (draw < 0.08) return HairStyle::kBald;
  if (draw < 0.42) return HairStyle::kShort;
  if (draw < 0.58) return HairStyle::kSide;
  if (draw < 0.82) return HairStyle::kLong;
  return draw < 0.93 ? HairStyle::kCurly : HairStyle::kBun;
}

Headwear random_headwear(Random& random) {
  const double draw = random.share();
  if (draw < 0.80) return Headwear::kNone;
  if (draw < 0.88) return Headwear::kCap;
  if (draw < 0.92) return Headwear::kKnit;
  return draw < 0.97 ? Headwear::kScarf : Headwear::kHelmet;
}

FaceMask random_mask(Random& random) {
  const double draw = random.share();
  if (draw < 0.50) return FaceMask::kNone;
  if (draw < 0.84) return FaceMask::kSurgical;
  return draw < 0.92 ? FaceMask::kRespirator : FaceMask::kBelowNose;
}

void draw_colours(Random& random, FaceLook& look) {
  const int skin = random.below(static_cast<int>(kSkins.size()));
  look.skin = near(random, kSkins[static_cast<std::size_t>(skin)], 8);
  const auto hairs = std::span<const Colour>(kHairs).first(skin < 6 ? kHairs.size() : 6);
  look.hair = near(random, random.pick(hairs), 6);
  look.iris = near(random, random.pick(std::span<const Colour>(kIrises)), 8);
  look.lips = mixed(look.skin, Colour{70, 60, 170}, random.betweenf(0.2, 0.75));
  look.clothes = any_colour(random);
  look.headwear_colour = any_colour(random);
  look.mask_colour = near(random, random.pick(std::span<const Colour>(kMasks)), 10);
  if (random.chance(0.15)) look.mask_colour = any_colour(random);
}

void draw_feature_look(Random& random, FaceLook& look) {
  look.hairline = random.betweenf(-1.0, -0.7);
  look.jaw = random.betweenf(0.12, 0.42);
  look.eye_width = random.betweenf(0.17, 0.24);
  look.eye_open = random.chance(0.08) ? 0.015F : random.betweenf(0.05, 0.11);
  look.gaze = random.betweenf(-0.4, 0.4);
  look.brow_height = random.betweenf(0.16, 0.26);
  look.brow_thickness = random.betweenf(0.03, 0.08);
  look.nose_width = random.betweenf(0.15, 0.26);
  look.mouth_width = random.betweenf(0.28, 0.42);
  look.mouth_open = random.chance(0.3) ? random.betweenf(0.04, 0.2) : 0;
  look.smile = random.betweenf(-0.05, 0.14);
  look.beard = random.chance(0.16) ? random.betweenf(0.25, 0.9) : 0;
  look.age = random.chance(0.4) ? random.betweenf(0.2, 1) : 0;
  look.contrast = random.betweenf(0.7, 1.15);
}

}  // namespace

FaceLook random_look(Random& random) {
  FaceLook look;
  draw_colours(random, look);
  draw_feature_look(random, look);
  look.hair_style = random_style(random);
  look.headwear = random_headwear(random);
  look.mask = random_mask(random);
  look.glasses = random.chance(0.2);
  look.dark_glasses = look.glasses && random.chance(0.25);
  return look;
}

}  // namespace scrim
