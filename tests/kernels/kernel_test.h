// What the kernel tests share: instruction sets in turn, distances in ulp, a sample in sight.
#pragma once

#include "kernels/add_noise.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace scrim {

inline void select_targets(std::int64_t targets) {
  hwy::SetSupportedTargetsForTest(targets);
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

// Calls body for each instruction set of this machine and restores the choice at the end.
template <typename Body>
void for_each_target(const Body& body) {
  for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
    select_targets(target);
    SCOPED_TRACE(hwy::TargetName(target));
    body(target);
  }
  select_targets(0);
}

// Counts in 1, 2, 3, ...: every byte differs, nothing is zero.
inline StreamKey counting_stream_key() {
  StreamKey key;
  std::uint8_t next = 1;
  for (auto& byte : key.key) byte = next++;
  for (auto& byte : key.nonce) byte = next++;
  return key;
}

// The float32 values between a and b; both finite. -0 and 0 are one value.
inline std::int64_t ulps_apart(float a, float b) {
  const auto order = [](float x) -> std::int64_t {
    const auto bits = std::bit_cast<std::int32_t>(x);
    return bits < 0 ? std::int64_t{INT32_MIN} - bits : bits;
  };
  return std::abs(order(a) - order(b));
}

inline std::vector<float> reference_draws(const StreamKey& key, std::size_t first,
                                          std::size_t count) {
  std::vector<float> z(count);
  draw_normals(Backend::kReference, key, first, z);
  return z;
}

// A sample that owns its memory. Values run over [-2, 2], so a clip at 1.5 bites.
struct Sample {
  Sample(std::size_t channels, std::size_t channel_size)
      : in(channels * channel_size), out(in.size(), kUntouched) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      in[i] = static_cast<float>(i % 401) / 100.0F - 2.0F;
    }
    for (std::size_t c = 0; c < channels; ++c) {
      scale.push_back(0.25F + static_cast<float>(c % 7));
      sigma.push_back(3.0F / (1.0F + static_cast<float>(c % 5)));
    }
  }

  AddNoise op() {
    return {.in = in, .scale = scale, .sigma = sigma, .clip = clip, .key = key, .out = out};
  }
  std::size_t size() const { return in.size(); }
  Part whole() const { return {.first = 0, .count = in.size()}; }

  static constexpr float kUntouched = -12345.0F;
  std::vector<float> in, scale, sigma;
  float clip = 1.5F;
  StreamKey key = counting_stream_key();
  std::vector<float> out;
};

// Both outputs come from draws at most four ulp apart (2^-21 of the draw), which sigma scales; each
// then rounds the product (without an fma) and the sum once.
inline void expect_same_noise(Sample& sample, const std::vector<float>& fast,
                              const std::vector<float>& exact, std::size_t first = 0) {
  ASSERT_EQ(fast.size(), exact.size());
  const std::size_t channel_size = sample.size() / sample.scale.size();
  for (std::size_t i = first; i < fast.size(); ++i) {
    const std::size_t c = i / channel_size;
    const float noise = exact[i] - sample.scale[c] * sample.in[i];
    const float size = std::abs(noise) + 2 * std::abs(sample.scale[c] * sample.in[i]);
    ASSERT_NEAR(fast[i], exact[i], size * 0x1p-20F + 1e-30F) << "element " << i;
  }
}

}  // namespace scrim
