#include "audit/material.h"

#include "support/expect_error.h"
#include "support/untrained_release.h"

#include <gtest/gtest.h>

#include <set>

namespace scrim {
namespace {

class MaterialTest : public ::testing::Test {
 protected:
  MaterialTest() : maker_(untrained_release(folder_, FaceBoxes(), "inception1"), {}, 1) {
    generate_faces(folder_ / "drawn", {.pictures = 10, .width = 96, .height = 96});
    generate_faces(folder_ / "others", {.pictures = 4, .width = 96, .height = 96, .seed = 9});
  }

  TemporaryFolder folder_;
  SceneMaker maker_;
};

TEST_F(MaterialTest, KeepsWhatTeachesFromWhatIsMeasured) {
  const Material material = collect(maker_, Dataset::open(folder_ / "drawn"), {.examples = 2});
  std::set<std::string> names;
  int shown = 0;
  for (const auto* side : {&material.lessons, &material.audited}) {
    for (const Scene& scene : *side) names.insert(scene.name);
  }
  for (const Scene& scene : material.audited) shown += !scene.picture.pixels.empty();
  EXPECT_EQ(material.lessons.size(), 5U);
  EXPECT_EQ(names.size(), 10U);
  EXPECT_EQ(shown, 2);
}

TEST_F(MaterialTest, RefusesAPictureThatWouldTeachAndBeMeasured) {
  const Dataset drawn = Dataset::open(folder_ / "drawn");
  AuditOptions options;
  options.attacker_datasets = {Dataset::open(folder_ / "others"), drawn};
  expect_error(ErrorCode::kInvalidArgument, "would teach",
               [&] { collect(maker_, drawn, options); });
  options.attacker_datasets.pop_back();
  options.pictures = 3;
  const Material material = collect(maker_, drawn, options);
  EXPECT_EQ(material.lessons.size(), 4U);
  EXPECT_EQ(material.audited.size(), 3U);
}

}  // namespace
}  // namespace scrim
