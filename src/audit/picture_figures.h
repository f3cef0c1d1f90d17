// How well a reconstruction matches its picture: PSNR, SSIM, unexplained variance.
#pragma once

#include "audit/resampling.h"

#include <scrim/audit.h>

#include <array>
#include <span>
#include <vector>

namespace scrim {

// Peak signal to noise ratio in dB over all pixels and colours, peak 255; at most 99, so that means
// stay finite. Throws kInvalidArgument, as all below, unless both have the same size.
double psnr(const Image& picture, const Image& reconstruction);

// Structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004) of the luminance (BT.601): mean
// over all positions at which the 11 x 11 Gaussian window of deviation 1.5 fits, K1 = .01,
// K2 = .03, range 255. 1 for equal pictures. Throws if a side is under 11 pixels.
double ssim(const Image& picture, const Image& reconstruction);

// What one picture, or a part of it, adds to the unexplained variance.
struct SquaredError {
  double error = 0;             // sum over pixels and colours of (picture - reconstruction)^2
  double square = 0;            // of picture^2
  std::array<double, 3> sum{};  // of the picture, per colour
  double pixels = 0;

  SquaredError& operator+=(const SquaredError& other);
};

SquaredError squared_error(const Image& picture, const Image& reconstruction);
// Within boxes only, in pixels of `picture`, rounded outwards and cut at its edges. A pixel in two
// boxes counts once.
SquaredError squared_error(const Image& picture, const Image& reconstruction,
                           std::span<const Box> boxes);

// Share of the variance that is missed, pooled: the errors of all pictures over the squared
// distances of all their pixels to the mean colour of all pictures. 0 is a perfect copy, 1 is
// answering the mean colour, more is worse than that. With weights, the mean is that of the
// weighted pictures too. NaN where nothing varies.
double unexplained_variance(std::span<const SquaredError> pictures);
double unexplained_variance(std::span<const SquaredError> pictures,
                            std::span<const double> weights);
// With its interval by picture.
Measured unexplained_variance_estimate(std::span<const SquaredError> pictures,
                                       const Resampling& options = {});

}  // namespace scrim
