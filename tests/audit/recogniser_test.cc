#include "audit/recogniser.h"

#include "support/expect_error.h"
#include "support/test_data.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <limits>

namespace scrim {
namespace {

constexpr const char* kWeights = "mobilefacenet/MobileFaceNet.safetensors";

TEST(Recogniser, GivesRowsOfLengthOneThatAMirrorImageDoesNotChange) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  const Recogniser recogniser = Recogniser::load(test_data(kWeights));
  torch::manual_seed(1);
  const auto faces = torch::rand({2, 3, kTemplateHeight, kTemplateWidth}) * 255;
  const auto features = recogniser.features(faces);
  ASSERT_EQ(features.size(1), 256);
  EXPECT_NEAR(features[0].norm().item<double>(), 1, 1e-5);
  const auto mirrored = recogniser.features(faces.flip(3));
  // The halves change places.
  EXPECT_NEAR(
      (features.narrow(1, 0, 128) - mirrored.narrow(1, 128, 128)).abs().max().item<double>(), 0,
      1e-4);
  EXPECT_EQ(recogniser.embeddings(faces).size(1), 128);
}

TEST(Recogniser, RefusesWeightsThatAreNotItsOwn) {
  SCRIM_NEEDS_TEST_DATA(kWeights);
  Safetensors weights = read_safetensors(test_data(kWeights));
  weights.tensors["conv1.conv.weight"].values[3] = std::numeric_limits<float>::quiet_NaN();
  expect_error(ErrorCode::kCorrupt, "conv1.conv.weight", [&] { Recogniser{weights}; });
  weights.tensors.erase("conv1.conv.weight");
  expect_error(ErrorCode::kCorrupt, "conv1.conv.weight", [&] { Recogniser{weights}; });
}

// A picture whose values are linear in x and y is read exactly by bilinear interpolation.
TEST(Recogniser, AlignedFacesShowTheRightPlace) {
  const auto x = torch::arange(80, torch::kFloat32).view({1, 1, 1, 80}).expand({1, 3, 70, 80});
  const auto y = torch::arange(70, torch::kFloat32).view({1, 1, 70, 1}).expand({1, 3, 70, 80});
  const Similarity s{0.4, 0.1, 12, 5};
  const auto face = Recogniser::aligned(x + 100 * y, s);
  ASSERT_EQ(face.size(2), kTemplateHeight);
  ASSERT_EQ(face.size(3), kTemplateWidth);
  const double u = 30, v = 50;
  const double expected = 0.4 * u - 0.1 * v + 12 + 100 * (0.1 * u + 0.4 * v + 5);
  EXPECT_NEAR(face[0][1][50][30].item<double>(), expected, 0.02);
}

}  // namespace
}  // namespace scrim
