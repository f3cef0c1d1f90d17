#include "audit/embedder.h"

#include "support/plain_observer.h"

#include <gtest/gtest.h>
#include <torch/types.h>

namespace scrim {
namespace {

constexpr int kPeople = 6, kViews = 8;

// Everybody has a pattern of their own in the cells; views add noise to it.
std::vector<Scene> views(std::uint64_t seed) {
  std::vector<Scene> scenes;
  for (int person = 0; person < kPeople; ++person) {
    torch::manual_seed(static_cast<std::uint64_t>(person) + 100);
    const auto pattern = torch::randn({1, 3, 7, 6});
    torch::manual_seed(seed + static_cast<std::uint64_t>(person));
    for (int view = 0; view < kViews; ++view) {
      Scene scene = scene_of(pattern + 0.3 * torch::randn({1, 3, 7, 6}), 2);
      scene.person = person;
      // A cell is 16 template pixels and 2 target pixels: template place 8 is the first cell.
      scene.alignment = Similarity{2 / 16.0, 0, -0.5, -0.5};
      scenes.push_back(scene);
    }
  }
  return scenes;
}

// The share of scenes whose nearest other scene without noise shows the same person.
double rank1_of_embedded(Embedder& embedder, const Decoder& observer,
                         const std::vector<Scene>& scenes, std::size_t condition) {
  const auto embedded = [&](std::size_t c) {
    std::vector<torch::Tensor> observed;
    for (const Scene& scene : scenes) {
      observed.push_back(observer.observe(view_of_activation(scene.activation), c));
    }
    return embedder.embed(scenes, observed, c);
  };
  auto likeness = (embedded(condition).unsqueeze(1) * embedded(0).unsqueeze(0)).sum(2);
  likeness.fill_diagonal_(-2);
  const auto nearest = likeness.argmax(1);
  double right = 0;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const auto found =
        static_cast<std::size_t>(nearest[static_cast<std::int64_t>(i)].item<int64_t>());
    right += scenes[found].person == scenes[i].person;
  }
  return right / static_cast<double>(scenes.size());
}

TEST(Embedder, FindsPeopleAgainAndIsAtChanceOnNoiseAlone) {
  const auto scenes = views(7), others = views(500);
  const Decoder observer = plain_observer(3, 2);
  Embedder embedder(observer, false);
  ReaderTraining training;
  training.steps = 60;
  embedder.train(scenes, training);
  torch::manual_seed(9);
  EXPECT_GT(rank1_of_embedded(embedder, observer, others, 0), 0.95);
  EXPECT_GT(rank1_of_embedded(embedder, observer, others, 2), 0.6);
  // Chance is 7 of 47 = .149, five standard errors of 48 trials .26.
  EXPECT_LT(rank1_of_embedded(embedder, observer, others, 1), 0.149 + 0.26);
}

}  // namespace
}  // namespace scrim
