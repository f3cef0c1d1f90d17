#include "learn/task.h"

#include "learn/multibox.h"

#include <gtest/gtest.h>

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

TEST(DetectionTask, ViewsAreWindowsOfTheLearnersSize) {
  const WindowOptions window = detection_task(kWindow)->window(kWindow, 2);
  EXPECT_EQ(window.size, kWindow);
  EXPECT_EQ(window.scale, 2);
}

}  // namespace
}  // namespace scrim
