#include "audit/attribute.h"

#include "base/random.h"
#include "support/expect_error.h"
#include "support/plain_observer.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

namespace scrim {
namespace {

constexpr int kCells = 12, kBlock = 8;

// A face over most of a picture of random cells; one with a mask has higher values below.
std::vector<Scene> scenes(int count, std::uint64_t seed) {
  Random random(seed);
  torch::manual_seed(seed);
  std::vector<Scene> all;
  for (int i = 0; i < count; ++i) {
    auto cells = torch::randn({1, 3, kCells, kCells}).contiguous();
    const bool masked = random.chance(0.5);
    if (masked) cells.slice(2, kCells / 2) += 1;
    Scene scene = scene_of(cells, kBlock);
    scene.faces = {{16, 16, 80, 80}};
    scene.face_names = {masked ? "with_mask" : "without_mask"};
    all.push_back(scene);
  }
  return all;
}

TEST(Attribute, IsGuessedFromActivationsAndNotFromNoiseAlone) {
  const auto lessons = scenes(60, 1), audited = scenes(60, 2);
  const Decoder observer = plain_observer(3, kBlock);
  const auto names = guessable_names(lessons, audited);
  ASSERT_EQ(names, (std::vector<std::string>{"with_mask", "without_mask"}));
  NameGuesser guesser(observer, false, names);
  ReaderTraining training;
  training.steps = 60;
  guesser.train(lessons, training);
  std::vector<double> accuracy;
  torch::manual_seed(9);
  for (std::size_t i = 0; i < 3; ++i) {
    std::vector<torch::Tensor> observed;
    for (const Scene& scene : audited) {
      observed.push_back(observer.observe(view_of_activation(scene.activation), i));
    }
    AttackRow row;
    guesser.measure(audited, observed, i, row);
    EXPECT_EQ(row.attribute, "with_mask or without_mask");
    EXPECT_DOUBLE_EQ(row.accuracy_chance, 0.5);
    EXPECT_LE(row.accuracy.low, row.accuracy.value);
    EXPECT_GE(row.accuracy.high, row.accuracy.value);
    accuracy.push_back(row.accuracy.value);
  }
  EXPECT_GT(accuracy[0], 0.9);                                     // no noise
  EXPECT_NEAR(accuracy[1], 0.5, 5 * std::sqrt(0.25 / 60) + 0.02);  // noise alone
  EXPECT_GT(accuracy[2], 0.75);
}

TEST(Attribute, NamesCountWhereEnoughLargeFacesCarryThemOnBothSides) {
  auto lessons = scenes(60, 1), audited = scenes(60, 2);
  for (int i = 0; i < 30; ++i) lessons[static_cast<std::size_t>(i)].face_names = {"visor"};
  EXPECT_EQ(guessable_names(lessons, audited).size(), 0U);  // too few lessons of each are left
  lessons = scenes(60, 1);
  for (Scene& scene : audited) scene.faces = {{16, 16, 26, 26}};
  EXPECT_TRUE(guessable_names(lessons, audited).empty());
  for (Scene& scene : audited) scene.face_names.clear();
  EXPECT_TRUE(guessable_names(lessons, audited).empty());
}

TEST(BalancedAccuracy, IsTheMeanOverWhatThereIsToGuess) {
  // 3 of 4 and 1 of 2: .625, whatever is more frequent.
  const Guesses guesses{{0, 0, 0, 0, 1, 1}, {0, 0, 0, 1, 1, 0}, {1, 2, 3, 4, 5, 6}};
  EXPECT_DOUBLE_EQ(balanced_accuracy(guesses).value, 0.625);
  expect_error(ErrorCode::kInvalidArgument, "truth", [] { balanced_accuracy({{0}, {}, {1}}); });
  expect_error(ErrorCode::kInvalidArgument, "", [] { balanced_accuracy({}); });
}

TEST(Attribute, NeedsTwoNames) {
  const Decoder observer = plain_observer(3, kBlock);
  expect_error(ErrorCode::kInvalidArgument, "two names",
               [&] { NameGuesser(observer, false, {"mask"}); });
}

}  // namespace
}  // namespace scrim
