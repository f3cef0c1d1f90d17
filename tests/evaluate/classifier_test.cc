#include <scrim/evaluate.h>

#include "support/expect_error.h"
#include "support/small_release.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace scrim {
namespace {

Image grey(int width, int height) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 90)};
}

TEST(Classifier, GivesAProbabilityForEachClass) {
  const Classifier classifier(Network::load(kShapesWeights));
  EXPECT_EQ(classifier.options().classes.at(4), "star");
  EXPECT_FALSE(classifier.is_noisy());
  EXPECT_EQ(classifier.alpha(), 0);
  const auto probabilities = classifier(grey(70, 50));
  ASSERT_EQ(probabilities.size(), 8U);
  EXPECT_NEAR(std::accumulate(probabilities.begin(), probabilities.end(), 0.0), 1, 1e-12);
  for (const double p : probabilities) EXPECT_GE(p, 0);
}

TEST(Classifier, OtherRulesThanTheReleasesAreRefused) {
  const TemporaryFolder folder;
  const Release release = small_release(folder, 0.9);
  const Noise noise(release, Key::from_bytes({7}), {.alpha = 0.9});
  expect_error(
      ErrorCode::kRefused, "enlarged 2 times) than the release was learned with (1 times", [&] {
        Classifier(Head::open(release), noise, Tail::open(release), {.input = {.scale = 2}});
      });
}

TEST(Classifier, NoisyOnePassesHeadNoiseAndTail) {
  const TemporaryFolder folder;
  const Release release = small_release(folder, 0.9);
  const Noise noise(release, Key::from_bytes({7}), {.alpha = 0.9});
  const Head head = Head::open(release);
  const Classifier classifier(head, noise, Tail::open(release));
  EXPECT_EQ(classifier.alpha(), 0.9);
  const Image image = grey(64, 64);
  const auto whole = classifier(image);
  EXPECT_EQ(classifier(noise(head(to_input(image, {.scale = 1})))), whole);
  EXPECT_NE(whole, Classifier(Network::load(kShapesWeights))(image));
}

ClassifierOptions named(std::vector<std::string> classes) {
  ClassifierOptions options;
  options.classes = std::move(classes);
  return options;
}

TEST(Classifier, RefusesWhatIsNoClassifier) {
  const Network shapes = Network::load(kShapesWeights);
  const Classifier named_wrongly(shapes, named({"a", "b"}));
  expect_error(ErrorCode::kUnsupported, "tells 8 classes apart, and 2 are named",
               [&] { named_wrongly(grey(64, 64)); });
  const Classifier detector(Network::load(kShippedWeights));
  expect_error(ErrorCode::kUnsupported, "this network has 2", [&] { detector(grey(64, 64)); });
  ClassifierOptions without_scale;
  without_scale.input.scale = 0;
  expect_error(ErrorCode::kInvalidArgument, "scale must be positive",
               [&] { Classifier(shapes, without_scale); });
  expect_error(ErrorCode::kInvalidArgument, "the name of 1",
               [&] { Classifier(shapes, named({"a"})); });
}

}  // namespace
}  // namespace scrim
