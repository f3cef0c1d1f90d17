#include "learn/noisy_loss.h"

#include "learn/mixture.h"
#include "learn/subjects.h"
#include "network/small_classifier.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

// A random classifier cut after conv4, four views, and the noise of two kinds.
class NoisyLossTest : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(1);
    write_safetensors(folder_ / "c.safetensors", weights_of(SmallClassifier(3)));
    subject_ = open_small_classifier(folder_ / "c.safetensors", "conv4");
    activation_ = torch::randn({4, 64, 8, 8});
    moments_.add(torch::randn({4, 64, 30, 30}));
    for (std::int64_t i = 0; i < 4; ++i) {
      labels_.emplace_back().class_index = i % 3;
    }
  }
  std::unique_ptr<Obfuscator> uniform() const {
    return closed_form_obfuscator(closed_form_code(moments_, moments_, Objective::kUniform),
                                  Objective::kUniform, 8);
  }
  double loss(const Obfuscator& obfuscator, double distil = 0,
              const Subject::FrozenTail& teacher = {}) {
    return noisy_loss({*subject_, *task_, obfuscator, distil, teacher}, activation_, labels_,
                      alphas_, kSeed)
        .item<double>();
  }

  static constexpr std::uint64_t kSeed = 5;
  TemporaryFolder folder_;
  std::unique_ptr<Subject> subject_;
  std::unique_ptr<Task> task_ = classification_task(3);
  Moments moments_;
  torch::Tensor activation_;
  torch::Tensor alphas_ = torch::tensor({0.2, 0.5, 0.8, 0.9}, torch::kFloat64);
  std::vector<Label> labels_;
};

TEST_F(NoisyLossTest, IsTheTasksLossOfWhatTheTailMakesOfTheNoisy) {
  const auto obfuscator = uniform();
  const auto noisy = (*obfuscator)(activation_, alphas_, kSeed);
  EXPECT_EQ(loss(*obfuscator), task_->loss(subject_->tail(noisy), labels_).item<double>());
}

TEST_F(NoisyLossTest, TeacherSeesTheCleanActivationAndItsTermIsWeighted) {
  const auto obfuscator = uniform();
  torch::Tensor seen;
  const Subject::FrozenTail teacher = [&](const torch::Tensor& activation) {
    seen = activation;
    return subject_->frozen_tail()(activation);
  };
  const auto outputs = subject_->tail((*obfuscator)(activation_, alphas_, kSeed));
  const double term =
      task_->distillation(outputs, subject_->frozen_tail()(activation_)).item<double>();
  EXPECT_GT(term, 1e-6);
  // Sums of float32 of order 1.
  EXPECT_NEAR(loss(*obfuscator, 40, teacher), loss(*obfuscator) + 40 * term, 1e-5);
  EXPECT_TRUE(seen.equal(activation_));
}

TEST_F(NoisyLossTest, WhatIsToldBeyondTheAnswersHasItsPrice) {
  const auto obfuscator = uniform();
  const auto directions = obfuscator->code().basis.size(0);
  Nuisance nuisance(1, directions), same(1, directions);
  const Sent sent = obfuscator->send(activation_, alphas_, kSeed);
  const double told =
      same.told(sent, task_->answer_cells(labels_, 8, 8), alphas_, 64).item<double>();
  EXPECT_GT(told, 0);
  const double priced = noisy_loss({.subject = *subject_,
                                    .task = *task_,
                                    .obfuscator = *obfuscator,
                                    .price = 0.5,
                                    .nuisance = &nuisance},
                                   activation_, labels_, alphas_, kSeed)
                            .item<double>();
  // Sums of float32 of the size of the price.
  EXPECT_NEAR(priced, loss(*obfuscator) + 0.5 * told, 1e-5 * (1 + told));
}

TEST_F(NoisyLossTest, ObfuscatorWeighsTheTaskAndAddsItsPenalty) {
  const auto mixture = mixture_obfuscator(moments_, 0.8, 8);
  const auto noisy = (*mixture)(activation_, alphas_, kSeed);
  const double task = task_->loss(subject_->tail(noisy), labels_).item<double>();
  EXPECT_NEAR(loss(*mixture), 0.2 * task + mixture->penalty().item<double>(), 1e-5);
}

}  // namespace
}  // namespace scrim
