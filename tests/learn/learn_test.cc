#include <scrim/learn.h>

#include "base/files.h"
#include "base/json.h"
#include "network/faceboxes.h"
#include "network/script_file.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <torch/script.h>

#include <cmath>

namespace scrim {
namespace {

// Random weights and a few drawn pictures: enough to run every stage in seconds.
class LearnTest : public ::testing::Test {
 protected:
  void SetUp() override {
    generate_faces(folder_ / "d", {.pictures = 12, .width = 120, .height = 90, .seed = 2});
    torch::manual_seed(1);
    write_safetensors(folder_ / "w.safetensors", weights_of(FaceBoxes()));
  }
  LearnOptions small_run(const std::string& name) const {
    LearnOptions options;
    options.output = folder_ / name;
    options.window = 128;
    options.views = 2;
    options.statistics_views = 16;
    options.alphas = {0.8};
    options.adapt_steps = 2;
    options.tail_steps = 3;
    return options;
  }
  LearnResult learn(const LearnOptions& options) const {
    return scrim::learn(folder_ / "w.safetensors", Dataset::open(folder_ / "d"), options);
  }
  TemporaryFolder folder_;
};

TEST_F(LearnTest, SealsAReleaseThatKeepsItsAlpha) {
  LearnOptions options = small_run("r");
  options.alphas = {0.5, 0.8};
  const LearnResult result = learn(options);
  const Release release = Release::open(result.release);
  EXPECT_EQ(release.manifest().alphas, options.alphas);
  EXPECT_EQ(release.manifest().split_point, "inception3");
  EXPECT_EQ(release.noise().channels, 128);
  ASSERT_EQ(result.realised_alphas.size(), 2U);
  // Held-out windows of very few, differently lit pictures: the promise within .1.
  EXPECT_NEAR(result.realised_alphas[0], 0.5, 0.1);
  EXPECT_NEAR(result.realised_alphas[1], 0.8, 0.1);
  EXPECT_TRUE(std::filesystem::exists(result.adapted));
  EXPECT_FALSE(std::filesystem::exists(options.output.string() + ".state"));
  const Json record =
      parse_json(read_file(result.release / "evidence" / "training.json"), "record");
  EXPECT_EQ(record["tail_steps"], 3);
}

TEST_F(LearnTest, SameSeedGivesTheSameRelease) {
  const Release one = Release::open(learn(small_run("one")).release);
  const Release two = Release::open(learn(small_run("two")).release);
  EXPECT_EQ(one.id(), two.id());
  LearnOptions other = small_run("three");
  other.seed = 2;
  EXPECT_NE(Release::open(learn(other).release).id(), one.id());
}

TEST_F(LearnTest, StoppedInAnyStageAndResumedGivesTheSameRelease) {
  LearnOptions options = small_run("unbroken");
  options.distil = 0.5;
  options.encoder = true;
  options.nuisance = 0.1;
  const std::string unbroken = Release::open(learn(options).release).id();
  for (const std::string stage : {"adapt", "tail"}) {
    options.output = folder_ / ("stopped-in-" + stage);
    options.resume = false;
    std::stop_source stop;
    options.stop = stop.get_token();
    options.progress = [&](const Progress& progress) {
      if (progress.stage == stage && progress.done == 1) stop.request_stop();
    };
    expect_error(ErrorCode::kUnavailable, "stage " + stage, [&] { learn(options); });
    EXPECT_FALSE(std::filesystem::exists(options.output));
    options.stop = {};
    options.progress = {};
    options.resume = true;
    EXPECT_EQ(Release::open(learn(options).release).id(), unbroken) << stage;
  }
}

TEST_F(LearnTest, RefusesAnEncoderOfOddChannelsBeforeItStarts) {
  torch::jit::Module head("Head");
  head.register_parameter("w", torch::randn({5, 3, 8, 8}), false);
  head.define("def forward(self, x):\n  return torch.conv2d(x, self.w, None, [8, 8])\n");
  torch::jit::Module tail("Tail");
  tail.register_parameter("w", torch::randn({6, 5, 1, 1}), false);
  tail.define(
      "def forward(self, z):\n"
      "  y = torch.conv2d(z, self.w).permute(0, 2, 3, 1).reshape(z.size(0), -1, 6)\n"
      "  return y[:, :, :4], torch.softmax(y[:, :, 4:], 2)\n");
  save_script(head, folder_ / "head.pt");
  save_script(tail, folder_ / "tail.pt");
  LearnOptions options = small_run("r");
  options.encoder = true;
  expect_error(ErrorCode::kInvalidArgument, "even number of channels, the activation at the", [&] {
    scrim::learn(folder_ / "head.pt", folder_ / "tail.pt", Dataset::open(folder_ / "d"), options);
  });
  EXPECT_FALSE(std::filesystem::exists(folder_ / "r.state"));
}

TEST_F(LearnTest, RefusesOptionsOutOfRange) {
  LearnOptions options = small_run("r");
  options.alphas = {1.0};
  expect_error(ErrorCode::kInvalidArgument, "alpha must be in (0, 1), got 1",
               [&] { learn(options); });
  options.alphas = {0.8, 0.5};
  expect_error(ErrorCode::kInvalidArgument, "ascend", [&] { learn(options); });
  options.alphas = {0.8};
  options.split_point = "conv9";
  expect_error(ErrorCode::kNotFound, "conv9", [&] { learn(options); });
  EXPECT_FALSE(std::filesystem::exists(folder_ / "r"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "r.state"));
}

}  // namespace
}  // namespace scrim
