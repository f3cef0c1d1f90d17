#include "learn/from_scratch.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

// A network of one number a class, which sees nothing of the pictures.
Untrained biased_guess(std::int64_t classes) {
  const auto bias = torch::randn({classes}).requires_grad_(true);
  return {{bias},
          {},
          [bias](const torch::Tensor& input) -> Outputs {
            return {bias.unsqueeze(0).expand({input.size(0), -1})};
          },
          [bias] {
            const auto values = bias.detach().contiguous();
            Safetensors file;
            file.tensors["bias"] = {
                {values.numel()},
                {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()}};
            return file;
          }};
}

class FromScratch : public testing::Test {
 protected:
  void SetUp() override { generate_shapes(folder_ / "d", {.pictures = 16}); }
  TrainOptions options(const char* output) const {
    auto options = TrainOptions::classifier();
    options.output = folder_ / output;
    options.steps = 4;
    options.batch = 8;
    options.threads = 1;
    return options;
  }
  std::vector<float> train(const TrainOptions& options) const {
    const Dataset dataset = Dataset::open(folder_ / "d");
    const auto classes = static_cast<std::int64_t>(dataset.classes().size());
    train_from_scratch([classes] { return biased_guess(classes); }, *task_of(dataset, 64),
                       {dataset}, options);
    return read_safetensors(options.output).at("bias").values;
  }
  TemporaryFolder folder_;
};

TEST_F(FromScratch, SeedMakesTheWeightsToo) {
  const auto one = train(options("one"));
  EXPECT_EQ(train(options("two")), one);
  auto other = options("three");
  other.seed = 2;
  EXPECT_NE(train(other), one);
}

TEST_F(FromScratch, StepsMoveTheWeightsAndLeaveNoState) {
  auto few = options("few");
  few.steps = 1;
  EXPECT_NE(train(few), train(options("more")));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "more.state"));
}

TEST_F(FromScratch, StoppedItKeepsItsStateAndWritesNothing) {
  auto stopped = options("s");
  std::stop_source stop;
  stop.request_stop();
  stopped.stop = stop.get_token();
  expect_error(ErrorCode::kUnavailable, "stage train after 0 of 4", [&] { train(stopped); });
  EXPECT_FALSE(std::filesystem::exists(stopped.output));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "s.state"));
}

}  // namespace
}  // namespace scrim
