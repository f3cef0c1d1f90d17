#include "learn/subjects.h"

#include "network/script_file.h"
#include "support/expect_error.h"
#include "support/moved_encoder.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <torch/script.h>

namespace scrim {
namespace {

// A head of stride 32 and 4 channels, and a tail with a bias to train.
void write_pair(const TemporaryFolder& folder) {
  torch::manual_seed(1);
  torch::jit::Module head("Head");
  head.register_parameter("w", torch::randn({4, 3, 32, 32}) * 0.05, false);
  head.define("def forward(self, x):\n  return torch.conv2d(x, self.w, None, [32, 32])\n");
  save_script(head, folder / "head.pt");
  torch::jit::Module tail("Tail");
  tail.register_parameter("w", torch::randn({6, 4, 1, 1}), false);
  tail.define(
      "def forward(self, z):\n"
      "  y = torch.conv2d(z, self.w).permute(0, 2, 3, 1).reshape(z.size(0), -1, 6)\n"
      "  return y[:, :, :4], torch.softmax(y[:, :, 4:], 2)\n");
  save_script(tail, folder / "tail.pt");
}

TEST(TorchScriptSubject, TrainsTheTailThroughItsProbabilities) {
  TemporaryFolder folder;
  write_pair(folder);
  const auto subject =
      open_torchscript_pair(folder / "head.pt", folder / "tail.pt", "face-detection");
  EXPECT_EQ(subject->stride(), 32);
  EXPECT_EQ(subject->model(), "torchscript");
  const Trainable trained = subject->train_tail();
  ASSERT_EQ(trained.parameters.size(), 1U);
  const auto outputs = subject->tail(subject->trunk(torch::randn({2, 3, 64, 64})));
  const auto loc = outputs.at(0), logits = outputs.at(1);
  EXPECT_EQ(loc.sizes(), (std::vector<std::int64_t>{2, 4, 4}));
  // Log-probabilities are logits of the same softmax.
  EXPECT_TRUE(torch::allclose(logits.exp().sum(2), torch::ones({2, 4}), 0, 1e-5));
  (loc.sum() + logits.select(2, 1).sum()).backward();
  EXPECT_GT(trained.parameters[0].grad().abs().sum().item<double>(), 0);
}

TEST(TorchScriptSubject, FrozenTailIsTheTailOfThatMomentWhateverIsTrainedLater) {
  TemporaryFolder folder;
  write_pair(folder);
  const auto subject =
      open_torchscript_pair(folder / "head.pt", folder / "tail.pt", "face-detection");
  const auto z = torch::randn({2, 4, 2, 2});
  const Trainable trained = subject->train_tail();
  const auto expected = subject->tail(z);
  const auto frozen = subject->frozen_tail();
  {
    const torch::NoGradGuard no_grad;
    torch::Tensor(trained.parameters[0]).add_(1);
  }
  EXPECT_TRUE(torch::equal(frozen(z).at(0), expected.at(0)));
  EXPECT_TRUE(torch::equal(frozen(z).at(1), expected.at(1)));
  EXPECT_FALSE(frozen(z).at(0).requires_grad());
  EXPECT_FALSE(torch::allclose(subject->tail(z).at(0), expected.at(0)));
}

TEST(TorchScriptSubject, ExportedHalvesCarryTheCode) {
  TemporaryFolder folder;
  write_pair(folder);
  const auto subject =
      open_torchscript_pair(folder / "head.pt", folder / "tail.pt", "face-detection");
  NoiseParameters noise;
  noise.channels = 4;
  noise.directions = 2;
  noise.mean = {1, 2, 3, 4};
  noise.basis = {1, 0, 0, 0, 0, 0, 2, 0};
  noise.decode = {1, 0, 0, 0, 0, 0.5F, 0, 0};
  subject->export_head(noise, folder / "h.pt", nullptr);
  subject->export_tail(noise, folder / "t.pt");
  torch::NoGradGuard no_grad;
  const auto x = torch::randn({1, 3, 64, 64});
  auto z = subject->trunk(x);
  const auto y = load_script(folder / "h.pt").forward({x}).toTensor();
  EXPECT_TRUE(torch::allclose(y.select(1, 0), z.select(1, 0) - 1, 1e-4, 1e-4));
  EXPECT_TRUE(torch::allclose(y.select(1, 1), 2 * (z.select(1, 2) - 3), 1e-4, 1e-4));
  const Encoder encoder = moved_encoder(4);
  subject->export_head(noise, folder / "e.pt", encoder);
  const auto encoded = Encoder(encoder)(z);
  const auto y_of_encoded = load_script(folder / "e.pt").forward({x}).toTensor();
  EXPECT_TRUE(torch::allclose(y_of_encoded.select(1, 0), encoded.select(1, 0) - 1, 1e-4, 1e-4));
  EXPECT_FALSE(torch::allclose(y_of_encoded, y, 1e-2, 1e-2));
  z.select(1, 1).fill_(2);  // what was not sent comes back as its mean
  z.select(1, 3).fill_(4);
  const auto loc = load_script(folder / "t.pt").forward({y}).toTuple()->elements()[0].toTensor();
  EXPECT_TRUE(torch::allclose(loc, subject->tail(z).at(0), 1e-4, 1e-4));
}

TEST(TorchScriptSubject, PairThatDoesNotFitIsRefused) {
  TemporaryFolder folder;
  write_pair(folder);
  expect_error(ErrorCode::kUnsupported, "do not fit together", [&] {
    open_torchscript_pair(folder / "head.pt", folder / "head.pt", "face-detection");
  });
}

}  // namespace
}  // namespace scrim
