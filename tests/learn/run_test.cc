#include "learn/run.h"

#include <scrim/network.h>

#include "base/files.h"
#include "base/json.h"
#include "learn/subjects.h"
#include "network/faceboxes.h"
#include "network/script_file.h"
#include "noise/contract.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

// Random weights and drawn pictures: each objective runs through every stage in seconds.
class RunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    generate_faces(folder_ / "d", {.pictures = 20, .width = 100, .height = 80, .seed = 2});
    torch::manual_seed(1);
    write_safetensors(folder_ / "w.safetensors", weights_of(FaceBoxes()));
  }
  LearnResult run(Objective objective, double distil = 0, bool encoder = false) {
    LearnOptions options;
    options.output = folder_ / objective_name(objective);
    options.objective = objective;
    options.alphas = {0.4, 0.8};
    options.distil = distil;
    options.encoder = encoder;
    options.directions = 12;
    options.window = 64;
    options.views = 1;
    options.statistics_views = 16;
    options.adapt_steps = 1;
    options.tail_steps = 4;
    options.epoch_steps = 2;
    const Dataset dataset = Dataset::open(folder_ / "d");
    return scrim::Run(open_faceboxes(folder_ / "w.safetensors", "inception3"),
                      detection_task(options.window), "test", dataset, options)
        .learn();
  }
  Json record(const LearnResult& result) const {
    return parse_json(read_file(result.release / "evidence" / "training.json"), "record");
  }
  TemporaryFolder folder_;
};

TEST_F(RunTest, EveryContractObjectiveSealsTheAlphasThatWereAsked) {
  for (const auto objective : {Objective::kCoded, Objective::kLinear, Objective::kUniform}) {
    const LearnResult result = run(objective);
    const Release release = Release::open(result.release);
    EXPECT_EQ(release.manifest().objective, objective_name(objective));
    EXPECT_EQ(release.manifest().alphas, (std::vector<double>{0.4, 0.8}));
    const bool learned = objective != Objective::kUniform;
    EXPECT_EQ(release.noise().directions == 12, learned);
  }
}

// The alpha of the sealed numbers, in a direction of variance 1.
double sealed_alpha(const NoiseParameters& noise, std::size_t row) {
  std::vector<double> snr;
  for (std::size_t k = 0; k < noise.scale[row].size(); ++k) {
    const double ratio = noise.scale[row][k] / static_cast<double>(noise.sigma[row][k]);
    snr.push_back(ratio * ratio);
  }
  return alpha_of(snr, noise.channels);
}

TEST_F(RunTest, EncoderTravelsInTheHeadAndAlphaStaysExact) {
  for (const auto objective : {Objective::kCoded, Objective::kLinear}) {
    const LearnResult result = run(objective, 0, /*encoder=*/true);
    const Release release = Release::open(result.release);
    EXPECT_EQ(record(result)["encoder"], true);
    ASSERT_EQ(release.noise().directions, 12);
    // At .4 the cap binds for so few directions; float32 holds a ratio to 1e-7.
    EXPECT_NEAR(sealed_alpha(release.noise(), 1), 0.8, 1e-6);
    const auto head = load_script(release.head());
    std::size_t kernels = 0;  // of 3 x 3, 128 -> 64 and back
    for (const auto& parameter : head.parameters())
      kernels += parameter.dim() == 4 && parameter.size(2) == 3 && parameter.numel() == 73'728;
    EXPECT_EQ(kernels, 2U);
    EXPECT_EQ(Head::open(release)(Tensor{{1, 3, 64, 64}, std::vector<float>(3 * 64 * 64)})
                  .tensor.shape[1],
              12);
  }
}

TEST_F(RunTest, EncoderGoesWithNoClosedForm) {
  LearnOptions options;
  options.output = folder_ / "r";
  options.encoder = true;
  options.objective = Objective::kMixture;
  expect_error(ErrorCode::kInvalidArgument, "not with mixture",
               [&] { learn(folder_ / "w.safetensors", Dataset::open(folder_ / "d"), options); });
  EXPECT_FALSE(std::filesystem::exists(folder_ / "r.state"));
}

TEST_F(RunTest, MixtureSealsTheAlphaThatItHappenedToReach) {
  const LearnResult result = run(Objective::kMixture);
  const Release release = Release::open(result.release);
  ASSERT_EQ(result.alphas.size(), 1U);
  EXPECT_EQ(release.manifest().alphas, result.alphas);
  EXPECT_EQ(release.manifest().objective, "mixture");
  for (const float scale : release.noise().scale[0]) EXPECT_TRUE(scale == 1 || scale == 0);
}

TEST_F(RunTest, DistillationChangesWhatIsLearnedAndIsRecorded) {
  const auto last_loss = [](const Json& record) { return record["tail_epochs"][1]["loss"]; };
  const Json without = record(run(Objective::kCoded));
  const Json with = record(run(Objective::kCoded, 2));
  EXPECT_EQ(without["distil"], 0);
  EXPECT_EQ(with["distil"], 2);
  EXPECT_GT(last_loss(with).get<double>(), last_loss(without).get<double>());
}

TEST_F(RunTest, RecordTellsTheCourseOfTraining) {
  const Json written = record(run(Objective::kCoded));
  ASSERT_EQ(written["tail_epochs"].size(), 2U);
  EXPECT_EQ(written["tail_epochs"][1]["step"], 4);
  EXPECT_EQ(written["validation"]["metric"], "AP");
  EXPECT_EQ(written["validation"]["scores"].size(), 2U);
  EXPECT_EQ(written["cell_norms"].size(), 2U);
  EXPECT_GE(written["realised_joint_alphas"][0].get<double>(),
            written["realised_alphas"][0].get<double>() - 1e-9);
}

}  // namespace
}  // namespace scrim
