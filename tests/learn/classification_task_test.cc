#include "learn/task.h"

#include "support/expect_error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scrim {
namespace {

Label of_class(std::int64_t index) {
  Label label;
  label.class_index = index;
  return label;
}

TEST(ClassificationTask, LossIsTheCrossEntropyOfTheLabels) {
  const auto task = classification_task(3);
  EXPECT_EQ(task->name(), "classification");
  EXPECT_EQ(task->metric(), "accuracy");
  const torch::Tensor logits = torch::tensor({{1.0, 2.0, 0.0}, {0.0, 0.0, 0.0}});
  const double first = std::log(std::exp(1.0) + std::exp(2.0) + 1) - 1;
  const double loss = task->loss({logits}, {of_class(0), of_class(2)}).item<double>();
  EXPECT_NEAR(loss, (first + std::log(3.0)) / 2, 1e-6);  // of float
}

TEST(ClassificationTask, LossHasAGradient) {
  const torch::Tensor logits = torch::zeros({2, 4}, torch::requires_grad());
  classification_task(4)->loss({logits}, {of_class(1), of_class(1)}).backward();
  EXPECT_NEAR(logits.grad()[0][1].item<double>(), (0.25 - 1) / 2, 1e-6);
  EXPECT_NEAR(logits.grad()[0][0].item<double>(), 0.25 / 2, 1e-6);
}

TEST(ClassificationTask, DistillationIsTheDivergenceFromTheTeacher) {
  const auto task = classification_task(2);
  const torch::Tensor teacher = torch::tensor({{std::log(3.0), 0.0}, {0.0, 0.0}}).requires_grad_();
  const torch::Tensor logits = torch::zeros({2, 2}, torch::requires_grad());
  const auto term = task->distillation({logits}, {teacher});
  // Of (3/4, 1/4) from (1/2, 1/2), and of a pair that agrees; mean of both.
  const double first = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  EXPECT_NEAR(term.item<double>(), first / 2, 1e-6);  // of float
  term.backward();
  EXPECT_FALSE(teacher.grad().defined());
  EXPECT_NEAR(logits.grad()[0][0].item<double>(), (0.5 - 0.75) / 2, 1e-6);
  EXPECT_NEAR(task->distillation({teacher}, {teacher}).item<double>(), 0, 1e-6);
}

TEST(ClassificationTask, ScoreIsTheShareOfTheMostProbableClassesThatAreRight) {
  const auto scorer = classification_task(3)->scorer(1);
  EXPECT_TRUE(std::isnan(scorer->score()));
  Sample sample;
  scorer->add({torch::tensor({{9.0, 1.0, 2.0}})}, sample, 64, 64);  // without a label: no answer
  EXPECT_TRUE(std::isnan(scorer->score()));
  sample.label = 2;
  scorer->add({torch::tensor({{0.0, 1.0, 2.0}})}, sample, 64, 64);
  EXPECT_EQ(scorer->score(), 1);
  scorer->add({torch::tensor({{3.0, 1.0, 2.0}})}, sample, 64, 64);
  EXPECT_EQ(scorer->score(), 0.5);
}

TEST(ClassificationTask, ViewsKeepMostOfTheirPicture) {
  const WindowOptions window = classification_task(3)->window(128, 2);
  EXPECT_EQ(window.size, 128);
  EXPECT_EQ(window.scale, 2);
  EXPECT_LE(window.zoom, 0.2);
}

TEST(ClassificationTask, RefusesOtherClassesAndViewsWithoutOne) {
  expect_error(ErrorCode::kInvalidArgument, "at least 2 classes", [] { classification_task(0); });
  const auto task = classification_task(3);
  expect_error(ErrorCode::kInvalidArgument, "tells 4 classes apart, the dataset has 3", [&] {
    task->loss({torch::zeros({1, 4})}, {of_class(1)});
  });
  expect_error(ErrorCode::kInvalidArgument, "class number -1 of 3", [&] {
    task->loss({torch::zeros({1, 3})}, {Label{}});
  });
}

TEST(ClassificationTask, AnswersAreAboutEveryCell) {
  const auto task = classification_task(3);
  Label first, second;
  first.class_index = 2;
  second.class_index = 0;
  const auto groups = task->answer_cells({first, second}, 2, 3);
  ASSERT_EQ(static_cast<std::int64_t>(groups.size()), task->answer_groups());
  EXPECT_TRUE(groups[0].cells.equal(torch::arange(12)));
  EXPECT_EQ(groups[0].cells_per_answer, 6);
  EXPECT_TRUE(groups[0].known[5].equal(torch::tensor({0.0F, 0.0F, 1.0F})));
  EXPECT_TRUE(groups[0].known[6].equal(torch::tensor({1.0F, 0.0F, 0.0F})));
}

}  // namespace
}  // namespace scrim
