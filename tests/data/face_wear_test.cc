#include "data/face_wear.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace scrim {
namespace {

FacePose upright_face() {
  FacePose pose;
  pose.centre = {120, 120};
  pose.half_height = 60;
  pose.half_width = 50;
  return pose;
}

// What draw_over leaves at face coordinates (u, v) of a grey canvas.
cv::Vec3b over(const FaceLook& look, float u, float v) {
  cv::Mat canvas(260, 240, CV_8UC3, cv::Scalar::all(100));
  const FaceFrame frame(upright_face());
  Random random(4);
  draw_over(canvas, random, frame, look);
  const cv::Point2f at = frame.on_surface(u, v);
  return canvas.at<cv::Vec3b>(static_cast<int>(at.y), static_cast<int>(at.x));
}

const cv::Vec3b kUntouched(100, 100, 100);

FaceLook bare() {
  FaceLook look;
  look.hair_style = HairStyle::kBald;
  look.mask_colour = {250, 250, 250};
  return look;
}

TEST(HeadOutline, HoldsTheFaceAndNarrowsToTheChin) {
  const Points outline = head_outline(FaceFrame(upright_face()), bare());
  const auto [top, bottom] =
      std::minmax_element(outline.begin(), outline.end(), [](auto a, auto b) { return a.y < b.y; });
  EXPECT_LT(top->y, 60);
  EXPECT_NEAR(bottom->y, 180, 10);
  float cheek = 0, jaw = 0;
  for (const auto& p : outline) {
    if (p.y < 130) cheek = std::max(cheek, p.x);
    if (p.y > 160) jaw = std::max(jaw, p.x);
  }
  EXPECT_LT(jaw, cheek);
}

TEST(DrawOver, ABareFaceStaysUntouched) {
  for (const float v : {-0.9F, -0.25F, 0.47F, 0.9F}) EXPECT_EQ(over(bare(), 0, v), kUntouched);
}

TEST(DrawOver, AMaskCoversMouthAndNoseOrTheMouthAlone) {
  FaceLook look = bare();
  look.mask = FaceMask::kSurgical;
  EXPECT_GT(over(look, 0, 0.4F)[0], 150);
  EXPECT_GT(over(look, 0, 0.2F)[0], 150);
  EXPECT_EQ(over(look, 0, -0.3F), kUntouched);
  look.mask = FaceMask::kBelowNose;
  EXPECT_GT(over(look, 0, 0.6F)[0], 150);
  EXPECT_EQ(over(look, 0, 0.1F), kUntouched);
}

TEST(DrawOver, DarkGlassesCoverTheEyes) {
  FaceLook look = bare();
  look.glasses = look.dark_glasses = true;
  EXPECT_LT(over(look, 0.45F, -0.25F)[0], 50);
  EXPECT_LT(over(look, -0.45F, -0.25F)[0], 50);
  EXPECT_EQ(over(look, 0, 0.47F), kUntouched);
}

TEST(DrawOver, HairAndHeadwearLieAboveTheEyes) {
  FaceLook look = bare();
  look.hair_style = HairStyle::kShort;
  look.hair = Colour::all(10);
  for (const Headwear headwear :
       {Headwear::kNone, Headwear::kCap, Headwear::kKnit, Headwear::kHelmet, Headwear::kScarf}) {
    look.headwear = headwear;
    look.headwear_colour = Colour::all(10);
    EXPECT_EQ(over(look, 0, 0), kUntouched);
    EXPECT_LT(over(look, 0, -1.25F)[0], 60);
  }
}

TEST(DrawBehind, ClothesLieUnderTheFaceAndNeverAboveIt) {
  cv::Mat canvas(400, 240, CV_8UC3, cv::Scalar::all(100));
  FaceLook look = bare();
  look.clothes = {0, 0, 250};
  Random random(4);
  draw_behind(canvas, random, FaceFrame(upright_face()), look);
  EXPECT_GT(canvas.at<cv::Vec3b>(330, 120)[2], 150);
  EXPECT_LT(canvas.at<cv::Vec3b>(330, 120)[0], 60);
  EXPECT_EQ(canvas.at<cv::Vec3b>(60, 120), kUntouched);
}

}  // namespace
}  // namespace scrim
