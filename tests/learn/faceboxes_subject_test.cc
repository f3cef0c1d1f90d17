#include "learn/subjects.h"

#include "network/faceboxes.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

std::filesystem::path random_weights(const TemporaryFolder& folder) {
  torch::manual_seed(1);
  FaceBoxes network;
  const auto path = folder / "w.safetensors";
  write_safetensors(path, weights_of(network));
  return path;
}

TEST(FaceBoxesSubject, PartsInARowAreTheNetwork) {
  TemporaryFolder folder;
  const auto path = random_weights(folder);
  FaceBoxes network;
  load_weights(network, read_safetensors(path));
  network->eval();
  torch::NoGradGuard no_grad;
  const auto x = torch::randn({2, 3, 128, 96}) * 50;
  const auto [loc, logits] = network->forward(x);
  for (const auto& split_point : FaceBoxesImpl::split_points()) {
    const auto subject = open_faceboxes(path, split_point);
    const auto outputs = subject->tail(subject->middle(subject->trunk(x)));
    // The weights are laid out channels last here: another order of the same float32 sums.
    EXPECT_TRUE(torch::allclose(loc, outputs.at(0), 1e-4, 1e-4)) << split_point;
    EXPECT_TRUE(torch::allclose(logits, outputs.at(1), 1e-4, 1e-4)) << split_point;
  }
}

TEST(FaceBoxesSubject, TailOfWhatArrivedIsTheTailOfWhatIsDecoded) {
  TemporaryFolder folder;
  const auto subject = open_faceboxes(random_weights(folder), "inception3");
  const Arrived arrived{torch::randn({2, 6, 4, 4}), torch::randn({128, 6}), torch::randn({128})};
  const auto expected = subject->tail(decoded(arrived));
  const auto outputs = subject->tail(arrived);
  EXPECT_TRUE(torch::allclose(outputs.at(0), expected.at(0), 1e-3, 1e-4));
  EXPECT_TRUE(torch::allclose(outputs.at(1), expected.at(1), 1e-3, 1e-4));
}

TEST(FaceBoxesSubject, TailTrainingLeavesWhatIsBeforeTheCut) {
  TemporaryFolder folder;
  const auto subject = open_faceboxes(random_weights(folder), "inception3");
  const auto x = torch::randn({2, 3, 64, 64}) * 50;
  const auto before = subject->middle(subject->trunk(x));
  const Trainable trained = subject->train_tail();
  // conv3_1, conv3_2, conv4_1, conv4_2 have 3 parameters and 3 buffers each, loc and conf 6 + 6.
  EXPECT_EQ(trained.parameters.size(), 24U);
  EXPECT_EQ(trained.buffers.size(), 12U);
  for (int step = 0; step < 3; ++step) subject->tail(before.detach());  // moves the batch norms
  EXPECT_TRUE(torch::equal(subject->middle(subject->trunk(x)), before));
  EXPECT_FALSE(before.requires_grad());
}

TEST(FaceBoxesSubject, FrozenTailIsTheTailOfThatMomentWhateverIsTrainedLater) {
  TemporaryFolder folder;
  const auto subject = open_faceboxes(random_weights(folder), "inception3");
  const auto z = torch::randn({2, 128, 4, 4});
  const auto expected = subject->tail(z);
  const auto frozen = subject->frozen_tail();
  const Trainable trained = subject->train_tail();
  subject->tail(torch::randn({2, 128, 4, 4}));  // moves the batch norms
  {
    const torch::NoGradGuard no_grad;
    for (torch::Tensor parameter : trained.parameters) parameter.add_(0.1);
  }
  const auto kept = frozen(z);
  EXPECT_TRUE(torch::equal(kept.at(0), expected.at(0)));
  EXPECT_TRUE(torch::equal(kept.at(1), expected.at(1)));
  EXPECT_FALSE(kept.at(1).requires_grad());
  EXPECT_FALSE(torch::allclose(subject->tail(z).at(1), expected.at(1)));
}

TEST(FaceBoxesSubject, AdaptationTrainsEverythingAfterPool2) {
  TemporaryFolder folder;
  const auto subject = open_faceboxes(random_weights(folder), "inception3");
  EXPECT_EQ(subject->train_middle_and_tail().parameters.size(), 24U + 3 * 7 * 3);
  EXPECT_TRUE(subject->middle(subject->trunk(torch::randn({2, 3, 64, 64}))).requires_grad());
  subject->freeze();
  EXPECT_FALSE(subject->middle(subject->trunk(torch::randn({2, 3, 64, 64}))).requires_grad());
}

TEST(FaceBoxesSubject, UnknownSplitPointListsTheKnownOnes) {
  TemporaryFolder folder;
  const auto path = random_weights(folder);
  expect_error(ErrorCode::kNotFound, "inception3", [&] { open_faceboxes(path, "layer9"); });
}

}  // namespace
}  // namespace scrim
