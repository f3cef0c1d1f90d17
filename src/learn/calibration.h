// From a trained code to the numbers of a release, and what they keep on other pictures.
#pragma once

#include <scrim/release.h>

#include "learn/code.h"

#include <span>
#include <vector>

namespace scrim {

// Gain and noise of one SNR with the Wiener gain applied by the client: scale = g, sigma = g /
// sqrt(SNR), g = SNR / (1 + SNR). Scaling after the noise costs no bits and frees the tail from
// alpha. Without it g = 1.
struct GainAndNoise {
  double scale, sigma;
};
GainAndNoise gain_and_noise(double snr, bool wiener = true);

// snr: one row an alpha, one entry a direction of the code. The parameters of a release: the
// directions with any SNR at any alpha, in the code's order.
NoiseParameters noise_parameters(const Code& code, const std::vector<double>& alphas,
                                 const std::vector<std::vector<double>>& snr, float clip);

// Var(y_k) of the release's directions over the cells of `pictures`.
std::vector<double> direction_variances(const NoiseParameters& noise, const Moments& pictures);
// K x K: their covariance there.
std::vector<float> direction_covariance(const NoiseParameters& noise, const Moments& pictures);
// The alpha that a release keeps at its row `row` on directions of these variances; counted
// direction by direction, which errs on the safe side.
double realised_alpha(const NoiseParameters& noise, std::size_t row,
                      std::span<const double> variances);
// The same with the correlations of the directions over `pictures`: never lower.
double realised_joint_alpha(const NoiseParameters& noise, std::size_t row, const Moments& pictures);

// How far single cells stand out of the noise: the norm of y / sigma over the directions, whose
// square is twice the capacity that an average over cells hides. activation: B x N x h x w.
struct CellNorms {
  double median, p99, p999, most;
};
CellNorms cell_norms(const NoiseParameters& noise, std::size_t row,
                     const torch::Tensor& activation);

}  // namespace scrim
