#include "learn/run.h"

#include "base/files.h"
#include "base/json.h"
#include "learn/subjects.h"
#include "network/faceboxes.h"
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
  LearnResult run(Objective objective, double distil = 0) {
    LearnOptions options;
    options.output = folder_ / objective_name(objective);
    options.objective = objective;
    options.alphas = {0.4, 0.8};
    options.distil = distil;
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
