#include "learn/multibox.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

Targets targets_of(std::vector<std::int64_t> labels, std::array<float, 4> offset = {0, 0, 0, 0}) {
  Targets targets{std::move(labels), {}};
  targets.offsets.assign(targets.labels.size(), offset);
  return targets;
}

double softplus(double x) { return std::log1p(std::exp(x)); }

TEST(Multibox, EqualsTheSumDoneByHand) {
  // One face, two backgrounds, one ignored; boxes off by (.5, 0, 0, 2) on the face.
  const auto batch = stack_targets({targets_of({kFace, kBackground, kBackground, kIgnored})});
  auto loc = torch::zeros({1, 4, 4});
  loc[0][0][0] = 0.5;
  loc[0][0][3] = 2.0;
  const auto logits =
      torch::tensor({0.0F, 1.5F, 0.0F, -1.0F, 0.0F, 0.7F, 0.0F, 9.0F}).view({1, 4, 2});
  const double boxes = 0.5 * 0.5 * 0.5 + (2.0 - 0.5);  // smooth L1
  const double scores = softplus(-1.5) + softplus(-1.0) + softplus(0.7);
  EXPECT_NEAR(multibox_loss(loc, logits, batch).item<double>(), 2 * boxes + scores, 1e-5);
}

TEST(Multibox, TakesSevenOfTheHardestNegativesAFace) {
  std::vector<std::int64_t> labels(40, kBackground);
  labels[0] = kFace;
  auto logits = torch::zeros({1, 40, 2});
  for (int p = 1; p < 40; ++p) logits[0][p][1] = 0.1 * p;  // harder and harder
  double expected = softplus(0);
  for (int p = 33; p < 40; ++p) expected += softplus(0.1 * p);
  const auto loss =
      multibox_loss(torch::zeros({1, 40, 4}), logits, stack_targets({targets_of(labels)}));
  EXPECT_NEAR(loss.item<double>(), expected, 1e-4);
}

TEST(Multibox, IgnoredPriorsGetNoGradient) {
  torch::manual_seed(2);
  auto loc = torch::randn({2, 30, 4}).requires_grad_(true);
  auto logits = torch::randn({2, 30, 2}).requires_grad_(true);
  std::vector<std::int64_t> labels(30, kBackground);
  labels[3] = kFace;
  labels[7] = kIgnored;
  multibox_loss(loc, logits, stack_targets({targets_of(labels), targets_of(labels)})).backward();
  EXPECT_EQ(logits.grad().select(1, 7).abs().sum().item<double>(), 0);
  EXPECT_GT(logits.grad().select(1, 3).abs().sum().item<double>(), 0);
  EXPECT_EQ(loc.grad().select(1, 5).abs().sum().item<double>(), 0);
}

TEST(Multibox, WindowWithoutAFaceStillTeachesClutter) {
  const auto loss =
      multibox_loss(torch::zeros({1, 20, 4}), torch::zeros({1, 20, 2}),
                    stack_targets({targets_of(std::vector<std::int64_t>(20, kBackground))}));
  EXPECT_NEAR(loss.item<double>(), 7 * softplus(0), 1e-5);
}

}  // namespace
}  // namespace scrim
