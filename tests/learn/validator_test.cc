#include "learn/validator.h"

#include "learn/subjects.h"
#include "network/faceboxes.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

// Random weights see no faces: the score is that of chance, and what is tested is that it is
// counted, repeated, and leaves the network as it was.
class ValidatorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    generate_faces(folder_ / "d", {.pictures = 4, .width = 120, .height = 90, .seed = 2});
    torch::manual_seed(1);
    write_safetensors(folder_ / "w.safetensors", weights_of(FaceBoxes()));
    subject_ = open_faceboxes(folder_ / "w.safetensors", "inception3");
    pictures_.emplace(std::vector<Dataset>{Dataset::open(folder_ / "d")});
  }
  TemporaryFolder folder_;
  std::unique_ptr<Subject> subject_;
  std::unique_ptr<Task> task_ = detection_task(128);
  std::optional<Pictures> pictures_;
};

TEST_F(ValidatorTest, ScoreIsRepeatedExactlyWithAndWithoutNoise) {
  const Validator validator(*subject_, *task_, *pictures_, {0, 2}, InputRules{}, torch::kCPU);
  EXPECT_FALSE(validator.empty());
  const double clean = validator.clean();
  EXPECT_GE(clean, 0);
  EXPECT_LE(clean, 1);
  EXPECT_EQ(validator.clean(), clean);
  Moments moments;
  moments.add(torch::randn({1, 128, 20, 20}));
  const auto obfuscator = closed_form_obfuscator(
      closed_form_code(moments, moments, Objective::kUniform), Objective::kUniform, 8);
  EXPECT_EQ(validator.noisy(*obfuscator, 0.9), validator.noisy(*obfuscator, 0.9));
}

TEST_F(ValidatorTest, BatchNormsAreLeftAsTheyWere) {
  const Trainable trained = subject_->train_tail();
  std::vector<torch::Tensor> before;
  for (const auto& buffer : trained.buffers) before.push_back(buffer.clone());
  const Validator validator(*subject_, *task_, *pictures_, {1}, InputRules{}, torch::kCPU);
  validator.clean();
  for (std::size_t i = 0; i < before.size(); ++i) {
    EXPECT_TRUE(torch::equal(trained.buffers[i], before[i]));
  }
  // Still in training mode: a batch moves the running statistics.
  const torch::NoGradGuard no_grad;
  subject_->tail(torch::randn({2, 128, 4, 4}));
  bool moved = false;
  for (std::size_t i = 0; i < before.size(); ++i)
    moved = moved || !torch::equal(trained.buffers[i], before[i]);
  EXPECT_TRUE(moved);
}

TEST_F(ValidatorTest, WithoutPicturesItIsEmpty) {
  const Validator validator(*subject_, *task_, *pictures_, {}, InputRules{}, torch::kCPU);
  EXPECT_TRUE(validator.empty());
}

}  // namespace
}  // namespace scrim
