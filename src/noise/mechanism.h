// What one alpha of a release asks the kernel to do, after every check that a Noise relies on.
#pragma once

#include <scrim/release.h>

#include <cstdint>
#include <span>
#include <vector>

namespace scrim {

// By how much the bits that pass on held-out pictures may exceed the bits that alpha allows. It
// covers the sampling error of variances over some dozen pictures: 0.95 stays above 0.945, 0.8
// above 0.78, 0.5 above 0.46.
inline constexpr double kBitsMargin = 0.1;

// The largest clip: a sticky nonce holds each value as an int16 in units of 1/64.
inline constexpr float kMostClip = 511.0F;

// One row of NoiseParameters. scale and sigma have K entries.
struct Mechanism {
  double alpha;           // as the release lists it
  double realised_alpha;  // see below
  std::int64_t channels;  // N
  float clip;
  std::vector<float> scale;
  std::vector<float> sigma;
};

// The lower of two alphas of `scale` and `sigma`: with variance 1 in every direction, which is what
// a release promises, and with the held-out variances, if there are any. A direction with scale 0
// carries nothing.
double realised_alpha(std::span<const float> scale, std::span<const float> sigma,
                      std::span<const float> held_out_variance, std::int64_t channels);

// Of the sent directions with this K x K covariance; NaN if it is empty.
double held_out_joint_alpha(const Mechanism& mechanism, std::span<const float> covariance);

// The row for `alpha`. Throws kInvalidArgument if alpha is not calibrated (the sentence lists those
// that are) or the parameters contradict themselves; kRefused if there is no noise, if signal would
// pass without noise, or if realised_alpha breaks alpha by more than the margin.
Mechanism mechanism_at(const NoiseParameters& parameters, double alpha);

}  // namespace scrim
