// Rounds a noisy sample, so that the gaps between float32 numbers tell nothing.
//
// Noise added in floating point does not reach every float32 number: which ones it reaches depends
// on the clean value, so somebody who guesses that value can check the guess whatever alpha is
// (Mironov, "On significance of the least significant bits for differential privacy", CCS 2012).
// On a grid of a thousandth of sigma, every point is reached from every clean value. Rounding comes
// after the noise and costs no privacy.
#pragma once

#include <span>

namespace scrim {

// Rounds `sample` (sigma.size() channels of equal length) in place to multiples of each channel's
// grid_step; float32 numbers of more than 2^22 steps stay as they are. A channel without noise
// becomes +0 throughout, because a -0 would show the sign of a clean value.
void round_to_grid(std::span<float> sample, std::span<const float> sigma);

}  // namespace scrim
