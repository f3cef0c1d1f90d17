#include "learn/subjects.h"

#include "network/script_file.h"
#include "network/small_classifier.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

// Random weights in a file, opened for learning after `split_point`.
class SmallClassifierSubjectTest : public testing::Test {
 protected:
  void SetUp() override {
    torch::manual_seed(3);
    network_ = SmallClassifier(4);
    network_->eval();
    write_safetensors(folder_ / "c.safetensors", weights_of(network_));
  }
  std::unique_ptr<Subject> open(const std::string& split_point) const {
    return open_small_classifier(folder_ / "c.safetensors", split_point);
  }

  TemporaryFolder folder_;
  SmallClassifier network_{nullptr};
  torch::Tensor input_ = torch::randn({2, 3, 64, 64});
};

TEST_F(SmallClassifierSubjectTest, ThePartsInOrderAreTheNetwork) {
  const torch::NoGradGuard no_grad;
  const torch::Tensor expected = network_(input_);
  for (const std::string& split_point : SmallClassifierImpl::split_points()) {
    const auto subject = open(split_point);
    const auto outputs = subject->tail(subject->middle(subject->trunk(input_)));
    ASSERT_EQ(outputs.size(), 1U);
    EXPECT_TRUE(outputs[0].equal(expected)) << split_point;
    EXPECT_EQ(subject->stride(), SmallClassifierImpl::stride_at(split_point));
  }
}

TEST_F(SmallClassifierSubjectTest, TrainsWhatFollowsAndNothingElse) {
  const auto subject = open("conv4");
  // conv3 to conv5, a weight and two of batch norm each, and the linear layer's two.
  EXPECT_EQ(subject->train_middle_and_tail().parameters.size(), 11U);
  const Trainable tail = subject->train_tail();
  EXPECT_EQ(tail.parameters.size(), 5U);
  EXPECT_EQ(tail.buffers.size(), 3U);
  EXPECT_FALSE(subject->middle(subject->trunk(input_)).requires_grad());
  EXPECT_TRUE(subject->tail(subject->middle(subject->trunk(input_)))[0].requires_grad());
  subject->freeze();
  EXPECT_FALSE(subject->tail(subject->middle(subject->trunk(input_)))[0].requires_grad());
  EXPECT_EQ(open("conv1")->train_middle_and_tail().parameters.size(), 14U);
}

TEST_F(SmallClassifierSubjectTest, FrozenTailIsTheTailOfThatMomentWhateverIsTrainedLater) {
  const auto subject = open("conv4");
  const torch::Tensor z = torch::randn({2, 64, 8, 8});
  const torch::Tensor expected = subject->tail(z)[0];
  const Trainable trained = subject->train_tail();
  const auto frozen = subject->frozen_tail();
  subject->tail(torch::randn({2, 64, 8, 8}));  // moves the batch norms
  {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor parameter : trained.parameters) parameter.add_(0.1);
  }
  EXPECT_TRUE(frozen(z)[0].equal(expected));
  EXPECT_FALSE(frozen(z)[0].requires_grad());
  subject->freeze();
  EXPECT_FALSE(torch::allclose(subject->tail(z)[0], expected));
}

TEST_F(SmallClassifierSubjectTest, ExportedHalvesWithAFullCodeAreTheNetwork) {
  const auto subject = open("conv4");
  NoiseParameters code;
  code.channels = code.directions = 64;
  code.mean.assign(64, 0.5F);
  for (int i = 0; i < 64 * 64; ++i) code.basis.push_back(i % 65 == 0 ? 1.0F : 0.0F);
  code.decode = code.basis;
  subject->export_head(code, folder_ / "head.pt", nullptr);
  subject->export_tail(code, folder_ / "tail.pt");
  const torch::NoGradGuard no_grad;
  const auto sent = load_script(folder_ / "head.pt").forward({input_}).toTensor();
  const auto logits = load_script(folder_ / "tail.pt").forward({sent}).toTensor();
  // Folding reorders float arithmetic: relative 1e-5 over five layers.
  EXPECT_LE((logits - network_(input_)).abs().max().item<double>(), 1e-5);
}

TEST_F(SmallClassifierSubjectTest, TheCleanNetworkIsAFileOfItsOwn) {
  const CleanNetwork clean = open("conv4")->clean_network();
  EXPECT_EQ(clean.name, "adapted.safetensors");
  const Safetensors weights = parse_safetensors(clean.bytes, "clean");
  EXPECT_TRUE(holds_small_classifier(weights));
  EXPECT_EQ(weights.at("linear.bias").values, weights_of(network_).at("linear.bias").values);
}

TEST_F(SmallClassifierSubjectTest, RefusesASplitPointThatItHasNot) {
  expect_error(ErrorCode::kNotFound, "no split point named 'inception3'",
               [&] { open("inception3"); });
}

}  // namespace
}  // namespace scrim
