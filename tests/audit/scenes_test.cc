#include "audit/scenes.h"

#include "support/untrained_release.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

Image ramp_picture(int width, int height) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height; ++i) {
    for (int c = 0; c < 3; ++c) image.pixels.push_back(static_cast<std::uint8_t>(i % width * 2));
  }
  return image;
}

TEST(Scenes, HoldTheActivationTheShallowCutAndAQuarterOfTheEnlargedPicture) {
  const TemporaryFolder folder;
  const SceneMaker maker(untrained_release(folder, FaceBoxes(), "inception1"), {}, 1);
  const Scene scene = maker.of_picture(ramp_picture(60, 40), "a", {{10, 20, 30, 40}}, 3);
  EXPECT_EQ(scene.activation.shape, (Shape{1, 8, 4, 6}));
  EXPECT_EQ(scene.target.width, 6 * 8);
  EXPECT_EQ(scene.target.height, 4 * 8);
  EXPECT_EQ(scene.shallow.shape, (Shape{1, 48, 4, 6}));  // no weights: the picture itself
  ASSERT_EQ(scene.faces.size(), 1U);
  EXPECT_FLOAT_EQ(scene.faces[0].x2, 30 * 3 / 4.0F);
  EXPECT_FALSE(maker.find_face(ramp_picture(60, 40)).has_value());
}

TEST(Scenes, MoveTheAlignmentWithTheView) {
  const Image picture = ramp_picture(100, 100);
  const Box box{30, 30, 70, 70};
  for (std::uint64_t index = 0; index < 8; ++index) {
    const FaceView view = face_view(picture, box, 1, index);
    // The middle of the face stays within the shift and the turn that a view may have.
    const double u = kTemplateWidth / 2.0, v = kTemplateHeight / 2.0;
    const Similarity plain = template_to_picture(box), &s = view.alignment;
    EXPECT_NEAR(s.a * u - s.b * v + s.x, plain.a * u - plain.b * v + plain.x, 8) << index;
    EXPECT_NEAR(s.b * u + s.a * v + s.y, plain.b * u + plain.a * v + plain.y, 8) << index;
    EXPECT_EQ(view.picture.pixels, face_view(picture, box, 1, index).picture.pixels);
  }
}

TEST(Scenes, PlaceAnAlignmentOnTheTarget) {
  const Similarity s = on_target({1, 0, 10, 20}, 8);  // a target pixel is half a picture's
  EXPECT_DOUBLE_EQ(s.a, 2);
  EXPECT_DOUBLE_EQ(s.x, 20.5);
  EXPECT_DOUBLE_EQ(s.y, 40.5);
}

}  // namespace
}  // namespace scrim
