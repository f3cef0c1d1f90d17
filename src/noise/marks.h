// The names under which an accountant counts: keyed hashes that show nothing of what they name.
#pragma once

#include "noise/account_file.h"
#include "noise/nonce.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace scrim {

// One sample of an activation. Neither alpha nor the noise key: releases at several alphas, or
// under several keys, are releases of one input.
struct InputSample {
  std::string_view release_id;
  std::array<std::int64_t, 3> shape;  // K, H, W
  std::span<const float> values;      // K x H x W, finite
  float clip;                         // at most kMostClip
};

Mark input_mark(const Key& counting_key, const InputSample& sample);
Mark source_mark(const Key& counting_key, std::string_view source);
// The same for the same draw: a sticky nonce stands for key, release, alpha and activation.
Mark draw_mark(const Key& counting_key, const Nonce& nonce);

}  // namespace scrim
