#include "kernels/add_noise.h"
#include "kernels/kernel_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

TEST(AddNoiseReference, WordJOfBlockLIsTheValueOfTheLayout) {
  const StreamKey key = counting_stream_key();
  constexpr std::size_t kGroups = 3;
  const std::vector<float> z = reference_draws(key, 0, kGroups * kGroup);
  for (std::uint32_t counter = 0; counter < kGroups * kBlocksPerGroup; ++counter) {
    const ChaChaState words = chacha20_block(chacha20_state(key, counter));
    const std::size_t group = counter / kBlocksPerGroup, l = counter % kBlocksPerGroup;
    for (std::size_t j = 0; j < kWordsPerBlock; j += 2) {
      const auto [even, odd] = box_muller(words[j], words[j + 1]);
      const std::size_t value = group * kGroup + 128 * (j / 4) + 4 * l + j % 4;
      EXPECT_EQ(z[value], even) << "block " << counter << " word " << j;
      EXPECT_EQ(z[value + 1], odd) << "block " << counter << " word " << j + 1;
    }
  }
}

TEST(AddNoiseReference, DrawDependsOnKeyNonceAndIndexAlone) {
  const StreamKey key = counting_stream_key();
  const std::vector<float> z = reference_draws(key, 0, 1200);
  for (const std::size_t first : {1U, 3U, 127U, 511U, 512U, 1100U}) {
    const std::vector<float> later = reference_draws(key, first, 100);
    EXPECT_TRUE(std::equal(later.begin(), later.end(), z.begin() + first)) << first;
  }
}

TEST(AddNoiseReference, IsScaledClippedSignalPlusScaledDraw) {
  Sample sample(4, 37);
  add_noise(Backend::kReference, sample.op(), sample.whole());
  const std::vector<float> z = reference_draws(sample.key, 0, sample.size());
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double scale = sample.scale[i / 37], sigma = sample.sigma[i / 37];
    const double signal = scale * std::clamp(sample.in[i], -1.5F, 1.5F);
    // The signal and the sum are each rounded to float32.
    const double tolerance = (2 * std::abs(signal) + std::abs(sigma * z[i])) * 0x1p-24;
    EXPECT_NEAR(sample.out[i], signal + sigma * z[i], tolerance) << "element " << i;
  }
}

}  // namespace
}  // namespace scrim
