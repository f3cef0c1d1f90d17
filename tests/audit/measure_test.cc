#include "audit/measure.h"

#include "support/test_data.h"
#include "support/untrained_release.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

constexpr const char* kRecogniser = "mobilefacenet/MobileFaceNet.safetensors";
constexpr const char* kDetector = "faceboxes/FaceBoxesProd.safetensors";
constexpr std::size_t kMeasuredPeople = 8;

std::vector<Scene> two_pictures() {
  std::vector<Scene> scenes(2);
  for (std::size_t i = 0; i < 2; ++i) {
    scenes[i].name = std::to_string(i);
    scenes[i].target = {16, 16, std::vector<std::uint8_t>(16 * 16 * 3, i == 0 ? 100 : 140)};
    scenes[i].faces = {{0, 0, 8, 8}};
  }
  return scenes;
}

TEST(Measure, APerfectCopyMissesNothingAndTheMeanColourMissesAll) {
  const auto scenes = two_pictures();
  AttackRow row;
  measure_pictures(scenes, {scenes[0].target, scenes[1].target}, row);
  EXPECT_EQ(row.unexplained_variance.value, 0);
  EXPECT_EQ(row.ssim.value, 1);
  const Image grey{16, 16, std::vector<std::uint8_t>(16 * 16 * 3, 120)};
  AttackRow blind;
  measure_pictures(scenes, {grey, grey}, blind);
  EXPECT_DOUBLE_EQ(blind.unexplained_variance.value, 1);
  EXPECT_DOUBLE_EQ(blind.unexplained_in_faces.value, 1);
  ASSERT_EQ(blind.per_picture.size(), 2U);
  EXPECT_DOUBLE_EQ(blind.per_picture[0].variance, 16 * 16 * 3 * 400.0);
  EXPECT_DOUBLE_EQ(blind.per_picture[0].face_variance, 8 * 8 * 3 * 400.0);
}

// The golden property of the recogniser: on ORL's clean pictures, aligned by FaceBoxes' boxes
// alone, the nearest picture always shows the same person.
TEST(Measure, RecogniserFindsEverybodyOnCleanPictures) {
  SCRIM_NEEDS_TEST_DATA(kRecogniser);
  SCRIM_NEEDS_TEST_DATA(kDetector);
  SCRIM_NEEDS_TEST_DATA("orl_faces");
  const TemporaryFolder folder;
  const SceneMaker maker(
      untrained_release(folder, read_faceboxes(test_data(kDetector)), "inception3"),
      test_data(kDetector), 1);
  const People people = read_people(test_data("orl_faces"));
  std::vector<Scene> searched;
  for (std::size_t person = 0; person < kMeasuredPeople; ++person) {
    for (const auto& path : people.searched[person].pictures) {
      Scene scene;
      scene.picture = read_image(path);
      const auto box = maker.find_face(scene.picture);
      ASSERT_TRUE(box.has_value()) << path;
      scene.picture_alignment = template_to_picture(*box);
      scene.person = static_cast<int>(person);
      searched.push_back(scene);
    }
  }
  const Recogniser recogniser = Recogniser::load(test_data(kRecogniser));
  const AttackRow row = Gallery(recogniser, searched).of_pictures();
  EXPECT_EQ(row.rank1.value, 1);
  EXPECT_GT(row.auc.value, 0.998);
  EXPECT_NEAR(row.rank1_chance, 9.0 / 79, 1e-9);
}

}  // namespace
}  // namespace scrim
