#include "kernels/add_noise.h"
#include "kernels/kernel_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <thread>

namespace scrim {
namespace {

// Every back end that this machine can run goes through the same body.
class AddNoiseOn : public testing::TestWithParam<Backend> {
 protected:
  static std::vector<float> run(Sample& sample) {
    add_noise(GetParam(), sample.op(), sample.whole());
    return sample.out;
  }
};

TEST_P(AddNoiseOn, MatchesReference) {
  Sample sample(5, 1021);
  const std::vector<float> out = run(sample);
  add_noise(Backend::kReference, sample.op(), sample.whole());
  expect_same_noise(sample, out, sample.out);
}

TEST_P(AddNoiseOn, RepeatsItselfBitForBit) {
  Sample sample(3, 700);
  const std::vector<float> once = run(sample);
  EXPECT_EQ(run(sample), once);
}

TEST_P(AddNoiseOn, PartsInAnyOrderAreTheWhole) {
  Sample sample(3, 700);
  const std::vector<float> whole = run(sample);
  std::ranges::fill(sample.out, Sample::kUntouched);
  constexpr std::array<std::size_t, 7> kEdges = {0, 1, 513, 700, 1023, 1400, 2100};
  for (std::size_t k = kEdges.size() - 1; k-- > 0;) {
    add_noise(GetParam(), sample.op(), {.first = kEdges[k], .count = kEdges[k + 1] - kEdges[k]});
  }
  EXPECT_EQ(sample.out, whole);
}

TEST_P(AddNoiseOn, TwoThreadsDrawWhatOneDraws) {
  Sample sample(3, 9001);
  const std::vector<float> whole = run(sample);
  std::ranges::fill(sample.out, Sample::kUntouched);
  const std::size_t half = sample.size() / 2;
  std::thread second([&, backend = GetParam()] {
    add_noise(backend, sample.op(), {.first = half, .count = sample.size() - half});
  });
  add_noise(GetParam(), sample.op(), {.first = 0, .count = half});
  second.join();
  EXPECT_EQ(sample.out, whole);
}

TEST_P(AddNoiseOn, ElementsOutsideThePartAreLeftAlone) {
  Sample sample(2, 1000);
  add_noise(GetParam(), sample.op(), {.first = 600, .count = 77});
  for (std::size_t i = 0; i < sample.size(); ++i) {
    EXPECT_EQ(sample.out[i] == Sample::kUntouched, i < 600 || i >= 677) << "element " << i;
  }
}

TEST_P(AddNoiseOn, InPlaceGivesTheSame) {
  Sample sample(3, 700);
  const std::vector<float> apart = run(sample);
  AddNoise op = sample.op();
  op.out = sample.in;
  add_noise(GetParam(), op, sample.whole());
  EXPECT_EQ(sample.in, apart);
}

TEST_P(AddNoiseOn, EmptySampleWritesNothing) {
  Sample sample(2, 0);
  run(sample);
  draw_normals(GetParam(), sample.key, 5, {});
  EXPECT_TRUE(sample.out.empty());
}

TEST_P(AddNoiseOn, ZeroSigmaLeavesTheClippedAndScaledSignal) {
  Sample sample(2, 600);
  std::ranges::fill(sample.sigma, 0.0F);
  run(sample);
  for (std::size_t i = 0; i < sample.size(); ++i) {
    EXPECT_EQ(sample.out[i], sample.scale[i / 600] * std::clamp(sample.in[i], -1.5F, 1.5F));
  }
}

TEST_P(AddNoiseOn, InfiniteClipHoldsNothingBack) {
  Sample sample(1, 600);
  sample.sigma = {0.0F};
  sample.scale = {1.0F};
  sample.clip = std::numeric_limits<float>::infinity();
  EXPECT_EQ(run(sample), sample.in);
}

TEST_P(AddNoiseOn, ZeroScaleLeavesTheDrawAlone) {
  Sample sample(1, 600);
  sample.scale = {0.0F};
  sample.sigma = {1.0F};
  run(sample);
  std::vector<float> z(sample.size());
  draw_normals(GetParam(), sample.key, 0, z);
  EXPECT_EQ(sample.out, z);
}

TEST_P(AddNoiseOn, EveryBitOfKeyAndNonceChangesTheDraw) {
  const StreamKey key = counting_stream_key();
  std::vector<float> z(4), other(4);
  draw_normals(GetParam(), key, 0, z);
  for (std::size_t bit = 0; bit < 8 * (32 + 12); ++bit) {
    StreamKey changed = key;
    auto& byte = bit < 256 ? changed.key[bit / 8] : changed.nonce[bit / 8 - 32];
    byte = static_cast<std::uint8_t>(byte ^ (1U << (bit % 8)));
    draw_normals(GetParam(), changed, 0, other);
    EXPECT_NE(other, z) << "bit " << bit;
  }
}

std::string backend_name(const testing::TestParamInfo<Backend>& info) {
  constexpr std::array kNames = {"reference", "simd", "cuda"};
  return kNames[static_cast<std::size_t>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(Backends, AddNoiseOn,
                         testing::ValuesIn(available_backends().begin(),
                                           available_backends().end()),
                         backend_name);

TEST(AddNoise, ReferenceIsAlwaysAvailableAndFirst) {
  ASSERT_GE(available_backends().size(), 2U);
  EXPECT_EQ(available_backends()[0], Backend::kReference);
  EXPECT_EQ(available_backends()[1], Backend::kSimd);
}

TEST(AddNoise, DefaultBackEndDrawsTheSameNoise) {
  Sample sample(2, 800);
  add_noise(Backend::kReference, sample.op(), sample.whole());
  const std::vector<float> expected = sample.out;
  add_noise(sample.op());
  expect_same_noise(sample, sample.out, expected);
  add_noise(sample.op(), sample.whole());
  expect_same_noise(sample, sample.out, expected);
}

// A missing or failing device must not leave a clean activation behind.
TEST(AddNoise, DeviceThatCannotRunStillGivesNoise) {
  Sample sample(2, 800);
  add_noise(Backend::kReference, sample.op(), sample.whole());
  const std::vector<float> expected = sample.out;
  add_noise(Backend::kCuda, sample.op(), sample.whole());
  expect_same_noise(sample, sample.out, expected);
}

}  // namespace
}  // namespace scrim
