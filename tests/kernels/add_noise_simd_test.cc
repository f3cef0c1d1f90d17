#include "kernels/add_noise.h"
#include "kernels/kernel_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace scrim {
namespace {

// docs/formats/noise_stream.md derives the bound; normals_test measures it for every pair of words.
constexpr std::int64_t kUlps = 4;
constexpr std::size_t kLongest = 257;
constexpr std::size_t kMisalignments = 16;  // floats in the widest vector

void expect_draws(std::span<const float> actual, const float* expected) {
  for (std::size_t i = 0; i < actual.size(); ++i) {
    ASSERT_LE(ulps_apart(actual[i], expected[i]), kUlps)
        << "draw " << i << " of " << actual.size() << ": " << actual[i] << ' ' << expected[i];
  }
}

TEST(AddNoiseSimd, DrawIsWithinFourUlpAtEveryLengthAndMisalignment) {
  const StreamKey key = counting_stream_key();
  const std::vector<float> expected = reference_draws(key, 0, kLongest);
  for_each_target([&](std::int64_t) {
    for (std::size_t length = 0; length <= kLongest; ++length) {
      for (std::size_t misalignment = 0; misalignment < kMisalignments; ++misalignment) {
        std::vector<float> memory(misalignment + length + 1, Sample::kUntouched);
        const std::span z = std::span(memory).subspan(misalignment, length);
        draw_normals(Backend::kSimd, key, 0, z);
        expect_draws(z, expected.data());
        ASSERT_EQ(std::count(memory.begin(), memory.end(), Sample::kUntouched), misalignment + 1);
      }
    }
  });
}

TEST(AddNoiseSimd, DrawMayStartAtEveryElement) {
  const StreamKey key = counting_stream_key();
  const std::vector<float> expected = reference_draws(key, 0, 3 * kGroup);
  for_each_target([&](std::int64_t) {
    for (std::size_t first = 0; first <= 2 * kGroup; ++first) {
      std::vector<float> z(first % 2 == 0 ? 3 : kGroup);
      draw_normals(Backend::kSimd, key, first, z);
      expect_draws(z, expected.data() + first);
    }
  });
}

TEST(AddNoiseSimd, LastGroupBeforeTheCounterWrapsIsDrawn) {
  const StreamKey key = counting_stream_key();
  const std::size_t first = kMaxElements - kGroup;
  const std::vector<float> expected = reference_draws(key, first, kGroup);
  for_each_target([&](std::int64_t) {
    std::vector<float> z(kGroup);
    draw_normals(Backend::kSimd, key, first, z);
    expect_draws(z, expected.data());
  });
}

TEST(AddNoiseSimd, ApplyMatchesReferenceAtEveryLengthAndMisalignment) {
  for_each_target([&](std::int64_t) {
    for (std::size_t length = 1; length <= kLongest; ++length) {
      Sample sample(1, length);
      add_noise(Backend::kReference, sample.op(), sample.whole());
      const std::vector<float> expected = sample.out;
      const std::size_t misalignment = length % kMisalignments;
      std::vector<float> in(misalignment + length), out(misalignment + length + 1);
      std::copy(sample.in.begin(), sample.in.end(), in.begin() + misalignment);
      AddNoise op = sample.op();
      op.in = std::span(in).subspan(misalignment);
      op.out = std::span(out).subspan(misalignment, length);
      add_noise(Backend::kSimd, op, sample.whole());
      expect_same_noise(sample, {op.out.begin(), op.out.end()}, expected);
      EXPECT_EQ(out.back(), 0.0F);
    }
  });
}

TEST(AddNoiseSimd, ChannelsOfEverySizeMatchReference) {
  constexpr std::array<std::array<std::size_t, 2>, 7> kShapes = {
      {{1, 2000}, {2000, 1}, {300, 3}, {40, 17}, {5, 511}, {4, 512}, {3, 513}}};
  for_each_target([&](std::int64_t) {
    for (const auto& [channels, channel_size] : kShapes) {
      Sample sample(channels, channel_size);
      add_noise(Backend::kReference, sample.op(), sample.whole());
      const std::vector<float> expected = sample.out;
      add_noise(Backend::kSimd, sample.op(), sample.whole());
      expect_same_noise(sample, sample.out, expected);
    }
  });
}

}  // namespace
}  // namespace scrim
