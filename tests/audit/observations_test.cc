#include "audit/observations.h"

#include "support/untrained_release.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

namespace scrim {
namespace {

class ObservationsTest : public ::testing::Test {
 protected:
  ObservationsTest()
      : release_(untrained_release(folder_, FaceBoxes(), "inception1")),
        decoder_({.channels = 8, .block = 2, .width = 8, .upper_width = 0},
                 conditions_of(release_.noise(), release_.noise().alphas, {4})) {
    torch::manual_seed(1);
    for (int i = 0; i < 4; ++i) {
      const auto values = torch::randn({1, 8, 10, 10}).contiguous();
      const float* begin = values.data_ptr<float>();
      Scene scene;
      scene.activation = {{1, 8, 10, 10}, {begin, begin + values.numel()}};
      scene.shallow = scene.activation;
      scenes_.push_back(scene);
    }
    decoder_.set_linear_part({torch::zeros({1, 8, 1, 1}), torch::ones({1, 8, 1, 1}), {}});
  }

  TemporaryFolder folder_;
  Release release_;
  Decoder decoder_;
  std::vector<Scene> scenes_;
};

TEST_F(ObservationsTest, AreTheSameForTheSameSeed) {
  for (std::size_t i = 0; i < decoder_.conditions().size(); ++i) {
    const auto one = Observations(release_, 5).of(decoder_, scenes_, {.condition = i});
    const auto again = Observations(release_, 5).of(decoder_, scenes_, {.condition = i});
    const auto other = Observations(release_, 6).of(decoder_, scenes_, {.condition = i});
    EXPECT_TRUE(torch::equal(one[0], again[0])) << i;
    EXPECT_EQ(torch::equal(one[0], other[0]), decoder_.conditions()[i].seen == Seen::kNoNoise) << i;
  }
}

// y of variance 1, scaled by 1 / sqrt(1 + sigma^2): what is left of it beside the noise.
TEST_F(ObservationsTest, HoldAsMuchSignalAsTheConditionSays) {
  for (std::size_t i = 0; i < decoder_.conditions().size(); ++i) {
    const Condition& seen = decoder_.conditions()[i];
    const auto observed = Observations(release_, 5).of(decoder_, scenes_, {.condition = i});
    double product = 0;
    for (std::size_t s = 0; s < scenes_.size(); ++s) {
      product += (observed[s] * view_of_activation(scenes_[s].activation)).mean().item<double>();
    }
    const double scale = seen.scale[0], sigma = seen.sigma[0];
    const double share = scale == 0 ? 0 : scale / std::sqrt(scale * scale + sigma * sigma);
    // 3200 products of deviation 1.5 at most.
    EXPECT_NEAR(product / 4, share, 5 * 1.5 / std::sqrt(3200.0)) << i;
  }
}

TEST_F(ObservationsTest, OfTheShallowCutAreItsActivation) {
  Decoder plain({.channels = 8, .block = 2, .width = 8, .upper_width = 0}, {without_noise(8)});
  plain.set_linear_part({torch::zeros({1, 8, 1, 1}), torch::ones({1, 8, 1, 1}), {}});
  const auto observed = Observations(release_, 5).of(plain, scenes_, {.shallow = true});
  EXPECT_TRUE(torch::allclose(observed[2], view_of_activation(scenes_[2].shallow)));
}

}  // namespace
}  // namespace scrim
