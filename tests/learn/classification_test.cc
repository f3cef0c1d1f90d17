// Learning a release for a classifier, end to end.
#include <scrim/learn.h>
#include <scrim/network.h>
#include <scrim/noise.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

namespace scrim {
namespace {

constexpr const char* kWeights = SCRIM_SHARE "/shapes.safetensors";
constexpr double kClassifierAlpha = 0.8;

bool is_right(const std::vector<Tensor>& outputs, const Sample& sample) {
  const auto& logits = outputs.at(0).values;
  return std::max_element(logits.begin(), logits.end()) - logits.begin() == sample.label.value();
}

class Classification : public testing::Test {
 protected:
  void SetUp() override {
    generate_shapes(folder_ / "train", {.pictures = 400, .seed = 31});
    generate_shapes(folder_ / "test", {.pictures = 240, .seed = 32});
  }
  LearnOptions options(int tail_steps) const {
    LearnOptions options;
    options.output = folder_ / "shapes.scrim";
    options.alphas = {kClassifierAlpha};
    options.scale = 1;
    options.window = 64;
    options.views = 4;
    options.adapt_steps = 0;
    options.tail_steps = tail_steps;
    options.threads = 1;
    return options;
  }
  Dataset train() const { return Dataset::open(folder_ / "train"); }

  double clean_accuracy() const {
    const Network network = Network::load(kWeights);
    return accuracy([&](const Tensor& input) { return network(input); });
  }
  double noisy_accuracy(const Release& release) const {
    const Head head = Head::open(release);
    const Tail tail = Tail::open(release);
    const Noise noise(release, Key::from_bytes({9}), {.alpha = kClassifierAlpha});
    return accuracy([&](const Tensor& input) { return tail(noise(head(input))); });
  }
  template <typename Run>
  double accuracy(const Run& run) const {
    int correct = 0;
    const Dataset test = Dataset::open(folder_ / "test");
    for (const Sample& sample : test.samples()) {
      correct += is_right(run(to_input(read_image(sample.path), {.scale = 1})), sample) ? 1 : 0;
    }
    return correct / static_cast<double>(test.samples().size());
  }

  TemporaryFolder folder_;
};

TEST_F(Classification, NoisyAccuracyIsCloseToClean) {
  const double clean = clean_accuracy();
  EXPECT_GT(clean, 0.9);
  const Release release = Release::open(learn(kWeights, train(), options(300)).release);
  EXPECT_EQ(release.manifest().task, "classification");
  EXPECT_EQ(release.manifest().model, "classifier");
  EXPECT_EQ(release.manifest().split_point, "conv4");
  EXPECT_EQ(release.manifest().classes, train().classes());
  // Three standard deviations of an accuracy near .9 over 240 pictures are .06.
  EXPECT_GT(noisy_accuracy(release), clean - 0.1);
}

TEST_F(Classification, TheSameThroughATorchScriptPair) {
  const Network network = Network::load(kWeights);
  network.export_torchscript(folder_ / "head.pt", folder_ / "tail.pt");
  const Release release =
      Release::open(learn(folder_ / "head.pt", folder_ / "tail.pt", train(), options(300)).release);
  EXPECT_EQ(release.manifest().task, "classification");
  EXPECT_EQ(release.manifest().model, "torchscript");
  EXPECT_EQ(release.manifest().stride, 8);
  EXPECT_GT(noisy_accuracy(release), clean_accuracy() - 0.1);
}

TEST_F(Classification, RefusesClassesInAnotherOrder) {
  std::ofstream(folder_ / "train" / "classes.txt", std::ios::trunc)
      << "ring\ndisc\nsquare\ntriangle\nstar\ncross\narrow\ncrescent\n";
  expect_error(ErrorCode::kInvalidArgument, "in the same order",
               [&] { learn(kWeights, train(), options(1)); });
}

}  // namespace
}  // namespace scrim
