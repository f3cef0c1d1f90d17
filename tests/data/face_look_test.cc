#include "data/face_look.h"

#include <gtest/gtest.h>

#include <map>

namespace scrim {
namespace {

TEST(RandomLook, EveryKindOfHairHeadwearAndMaskOccurs) {
  Random random(1);
  std::map<HairStyle, int> hair;
  std::map<Headwear, int> headwear;
  std::map<FaceMask, int> masks;
  int glasses = 0, beards = 0;
  for (int i = 0; i < 2000; ++i) {
    const FaceLook look = random_look(random);
    ++hair[look.hair_style];
    ++headwear[look.headwear];
    ++masks[look.mask];
    glasses += look.glasses;
    beards += look.beard > 0;
  }
  EXPECT_EQ(hair.size(), 6U);
  EXPECT_EQ(headwear.size(), 5U);
  EXPECT_EQ(masks.size(), 4U);
  EXPECT_GT(glasses, 100);
  EXPECT_GT(beards, 100);
}

TEST(RandomLook, SkinsRunFromLightToDarkAndColoursStayInRange) {
  Random random(2);
  float lightest = 0, darkest = 255;
  for (int i = 0; i < 500; ++i) {
    const FaceLook look = random_look(random);
    lightest = std::max(lightest, look.skin[1]);
    darkest = std::min(darkest, look.skin[1]);
    for (const Colour& colour : {look.skin, look.hair, look.iris, look.lips, look.clothes,
                                 look.headwear_colour, look.mask_colour}) {
      for (int c = 0; c < 3; ++c) {
        ASSERT_GE(colour[c], 0);
        ASSERT_LE(colour[c], 255);
      }
    }
  }
  EXPECT_GT(lightest, 190);
  EXPECT_LT(darkest, 70);
}

TEST(RandomLook, OnlyGlassesAreDark) {
  Random random(3);
  for (int i = 0; i < 500; ++i) {
    const FaceLook look = random_look(random);
    EXPECT_TRUE(look.glasses || !look.dark_glasses);
  }
}

}  // namespace
}  // namespace scrim
