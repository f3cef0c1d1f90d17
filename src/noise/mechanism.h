// What one alpha of a release asks the kernel to do, after every check that a Noise relies on.
#pragma once

#include <scrim/release.h>

#include <cstdint>
#include <span>
#include <vector>

namespace scrim {

// By how much the bits that pass on held-out pictures may exceed the bits that alpha allows. It
// covers the error of the held-out variances and no more: 0.95 stays above 0.9475, 0.5 above 0.48.
inline constexpr double kBitsMargin = 0.05;

// The largest clip: a sticky nonce holds each value as an int16 in units of 1/64.
inline constexpr float kMostClip = 511.0F;

// One row of NoiseParameters. scale and sigma have K entries.
struct Mechanism {
  double alpha;           // as the release lists it
  double realised_alpha;  // from max(1, held-out variance) of each direction
  std::int64_t channels;  // N
  float clip;
  std::vector<float> scale;
  std::vector<float> sigma;
};

// The alpha of `scale` and `sigma` when direction k has variance max(1, held_out_variance[k]); an
// empty held_out_variance stands for ones. A direction with scale 0 carries nothing.
double realised_alpha(std::span<const float> scale, std::span<const float> sigma,
                      std::span<const float> held_out_variance, std::int64_t channels);

// The row for `alpha`. Throws kInvalidArgument if alpha is not calibrated (the sentence lists those
// that are) or the parameters contradict themselves; kRefused if there is no noise, if signal would
// pass without noise, or if realised_alpha breaks alpha by more than the margin.
Mechanism mechanism_at(const NoiseParameters& parameters, double alpha);

}  // namespace scrim
