#include "learn/task.h"

#include "learn/multibox.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

constexpr int kWindow = 64;
const auto kPriors = static_cast<std::int64_t>(priors_for(kWindow, kWindow).size());

Outputs random_outputs(std::int64_t views) {
  return {torch::randn({views, kPriors, 4}), torch::randn({views, kPriors, 2})};
}

TEST(DetectionTask, LossIsThatOfTheFacesInTheViews) {
  torch::manual_seed(1);
  const auto task = detection_task(kWindow);
  EXPECT_EQ(task->name(), "face-detection");
  EXPECT_EQ(task->metric(), "AP");
  Label label;
  label.faces.faces = {{10, 12, 40, 46}};
  const Outputs outputs = random_outputs(2);
  const auto targets = match_faces(priors_for(kWindow, kWindow), label.faces, kWindow);
  const auto none = match_faces(priors_for(kWindow, kWindow), {}, kWindow);
  EXPECT_EQ(task->loss(outputs, {label, Label{}}).item<double>(),
            multibox_loss(outputs[0], outputs[1], stack_targets({targets, none})).item<double>());
}

TEST(DetectionTask, DistillationIsZeroForTheTeacherItselfAndPositiveForAnother) {
  torch::manual_seed(2);
  const auto task = detection_task(kWindow);
  const Outputs teacher = random_outputs(2);
  EXPECT_NEAR(task->distillation(teacher, teacher).item<double>(), 0, 1e-6);
  EXPECT_GT(task->distillation(random_outputs(2), teacher).item<double>(), 0.01);
}

// A cell of 8 pixels: faces of under 2 cells tell too little to count, and those of 2, 4 and 8
// cells begin a group.
TEST(DetectionTask, AnswersAreAboutTheCellsInTheirFaces) {
  const auto task = detection_task(kWindow);
  ASSERT_EQ(task->answer_groups(), 3);
  Label small, large;
  small.faces.faces = {{8, 16, 24, 32}, {40, 40, 52, 52}};
  large.faces.faces = {{0, 0, 64, 64}};
  const auto groups = task->answer_cells({small, large}, 8, 8);
  ASSERT_EQ(groups.size(), 3U);
  // Two by two cells from row 2 and column 1 of the first view.
  EXPECT_TRUE(groups[0].cells.equal(torch::tensor({17, 18, 25, 26}, torch::kInt64)));
  EXPECT_EQ(groups[0].cells_per_answer, 4);
  EXPECT_NEAR(groups[0].known[0][3].item<double>(), -0.25, 1e-6);  // across
  EXPECT_NEAR(groups[0].known[2][4].item<double>(), 0.25, 1e-6);   // down
  EXPECT_EQ(groups[1].cells.numel(), 0);
  EXPECT_EQ(groups[1].known.size(1), groups[0].known.size(1));
  EXPECT_TRUE(groups[2].cells.equal(torch::arange(64, 128)));
  EXPECT_EQ(groups[2].cells_per_answer, 64);
  EXPECT_NEAR(groups[2].known[0][0].item<double>(), std::log(8.0), 1e-6);
}

TEST(DetectionTask, ViewsAreWindowsOfTheLearnersSize) {
  const WindowOptions window = detection_task(kWindow)->window(kWindow, 2);
  EXPECT_EQ(window.size, kWindow);
  EXPECT_EQ(window.scale, 2);
}

}  // namespace
}  // namespace scrim
