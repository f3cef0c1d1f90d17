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

// Three priors: a face to both, a face to the teacher alone, a background to both.
struct Distilled {
  Answers teacher{torch::zeros({1, 3, 4}), torch::zeros({1, 3, 2})};
  Answers student{torch::zeros({1, 3, 4}), torch::zeros({1, 3, 2})};
  Distilled() {
    set_margins(teacher, {2.0F, 3.0F, -30.0F});
    set_margins(student, {2.0F, -1.0F, -25.0F});
  }
  static void set_margins(Answers& answers, const std::vector<float>& margins) {
    answers.logits.select(2, 1).copy_(torch::tensor(margins).view({1, 3}));
  }
  double term() const { return multibox_distillation(student, teacher).item<double>(); }
};

double share(double margin) { return 1 / (1 + std::exp(-margin)); }

TEST(MultiboxDistillation, EqualsTheSumDoneByHand) {
  Distilled d;
  d.teacher.loc[0][1][2] = 0.5;  // smooth L1 of .125 where the teacher sees a face
  d.teacher.loc[0][2][0] = 9.0;  // and of nothing where it sees none
  const double p = share(3), q = share(-1);
  const double divergence =
      p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q));  // weighs p, the larger
  const double expected = (2 * p * 0.125 + p * divergence) / (share(2) + p);
  EXPECT_NEAR(d.term(), expected, 1e-5);
}

TEST(MultiboxDistillation, IsZeroWhereBothAgreeAndRisesAwayFromThere) {
  Distilled d;
  double before = 0;
  for (const float away : {0.0F, 0.5F, 1.0F, 2.0F}) {
    Distilled::set_margins(d.student, {2 - away, 3 - away, -30 + away});
    d.student.loc.fill_(0.1 * away);
    if (away == 0) {
      EXPECT_NEAR(d.term(), 0, 1e-6);
    } else {
      EXPECT_GT(d.term(), before + 0.01);
    }
    before = d.term();
  }
}

// What neither holds for a face must not drown the few that one of them does.
TEST(MultiboxDistillation, ThousandsOfAgreedBackgroundsChangeNothing) {
  const Distilled d;
  const auto many = [](const Answers& answers) {
    const auto far = torch::zeros({1, 10'000, 2});
    far.select(2, 0).fill_(12);
    return Answers{torch::cat({answers.loc, torch::randn({1, 10'000, 4})}, 1),
                   torch::cat({answers.logits, far}, 1)};
  };
  EXPECT_NEAR(multibox_distillation(many(d.student), many(d.teacher)).item<double>(), d.term(),
              1e-4);
}

TEST(MultiboxDistillation, GradientIsThatOfFiniteDifferencesAndTheTeacherHasNone) {
  torch::manual_seed(4);
  const auto wide = torch::TensorOptions(torch::kFloat64).requires_grad(true);
  const Answers teacher{torch::randn({2, 5, 4}, wide), torch::randn({2, 5, 2}, wide)};
  const Answers student{torch::randn({2, 5, 4}, wide), torch::randn({2, 5, 2}, wide)};
  multibox_distillation(student, teacher).backward();
  EXPECT_FALSE(teacher.loc.grad().defined());
  EXPECT_FALSE(teacher.logits.grad().defined());
  constexpr double kStep = 1e-6;
  const auto slope = [&](const torch::Tensor& value) {
    const torch::NoGradGuard no_grad;
    value.add_(kStep);
    const double above = multibox_distillation(student, teacher).item<double>();
    value.sub_(2 * kStep);
    const double below = multibox_distillation(student, teacher).item<double>();
    value.add_(kStep);
    return (above - below) / (2 * kStep);
  };
  for (std::int64_t p = 0; p < 5; ++p) {
    EXPECT_NEAR(student.loc.grad()[1][p][3].item<double>(), slope(student.loc[1][p][3]), 1e-6);
    // The weight of a score is a constant to the gradient: it is the student's own only where it
    // exceeds the teacher's, and there the slope of the whole is another.
    const double ours = (student.logits[0][p][1] - student.logits[0][p][0]).item<double>();
    const double theirs = (teacher.logits[0][p][1] - teacher.logits[0][p][0]).item<double>();
    if (ours > theirs) continue;
    EXPECT_NEAR(student.logits.grad()[0][p][1].item<double>(), slope(student.logits[0][p][1]),
                1e-6);
  }
}

}  // namespace
}  // namespace scrim
