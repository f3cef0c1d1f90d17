// The numbers of a release and what they keep on pictures that the statistics did not see.
#pragma once

#include "learn/calibration.h"
#include "learn/obfuscator.h"

#include <vector>

namespace scrim {

// One entry an alpha in the vectors.
struct Promise {
  NoiseParameters noise;
  std::vector<double> realised_alphas;        // on held-out pictures, direction by direction
  std::vector<double> realised_joint_alphas;  // with the directions' correlations
  std::vector<CellNorms> cell_norms;          // over held-out cells
};

// The trained obfuscator as a release at `alphas`. `margin` may only widen the variances. If the
// bits on `held_out` exceed the promise by more than 2 % all the same (few or unlike pictures),
// they widen it as well, and the figures are then no longer held out. held_out_cells: B x N x h x
// w.
Promise make_promise(const Obfuscator& obfuscator, const std::vector<double>& alphas, float clip,
                     const Moments& margin, const Moments& held_out,
                     const torch::Tensor& held_out_cells);

}  // namespace scrim
