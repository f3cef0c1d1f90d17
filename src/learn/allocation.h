// The linear code in closed form: which directions are sent, and how noisy each is.
//
// Source: docs/decisions/0005-alpha-is-a-contract.md and the guide to learning.
#pragma once

#include <scrim/learn.h>
#include <scrim/release.h>

#include "learn/statistics.h"

#include <span>
#include <vector>

namespace scrim {

// The whitening rotation y = basis (z - mean): every y_k has variance 1 and they are uncorrelated.
struct Code {
  torch::Tensor mean;          // N, float64
  torch::Tensor basis;         // D x N
  torch::Tensor decode;        // N x D, the pseudo-inverse of basis
  std::vector<double> fisher;  // D, descending for kFisher; all 1 for kUniform
};

// The linear code as tensors: y = basis (z - mean), z ~ mean + decode y.
struct CodeTensors {
  torch::Tensor mean;    // N
  torch::Tensor basis;   // K x N
  torch::Tensor decode;  // N x K
};

// `activation` over clean cells; `gradient` the moments of the task loss's gradient there. kFisher
// turns white space onto the eigenvectors of the gradient's second moment, kUniform leaves it in
// the eigenbasis of the covariance. Directions of variance under 1e-6 of the mean variance are left
// out.
Code closed_form_code(const Moments& activation, const Moments& gradient, Allocation allocation);

// Widens the calibrated variances of directions whose variance on other pictures is larger, so that
// the promise holds there too: rows are divided by the root of max(1, variance). Returns the
// ratios.
std::vector<double> widen(Code& code, const Moments& other_pictures);

// SNR per direction of the code at each alpha, exact to 1e-9 in alpha.
std::vector<double> allocate(const Code& code, double alpha, Allocation allocation);

// Gain and noise of one SNR with the Wiener gain applied by the client: scale = g, sigma = g /
// sqrt(SNR), g = SNR / (1 + SNR). Scaling after the noise costs no bits and frees the tail from
// alpha.
struct GainAndNoise {
  double scale, sigma;
};
GainAndNoise gain_and_noise(double snr);

// The parameters of a release: the directions with any SNR at any alpha, in the code's order.
NoiseParameters noise_parameters(const Code& code, const std::vector<double>& alphas,
                                 Allocation allocation, float clip);

// Var(y_k) of the release's directions over the cells of `pictures`.
std::vector<double> direction_variances(const NoiseParameters& noise, const Moments& pictures);
// The code of a release as tensors, float32.
CodeTensors code_tensors(const NoiseParameters& noise);
// The alpha that a release keeps at its row `row` on directions of these variances.
double realised_alpha(const NoiseParameters& noise, std::size_t row,
                      std::span<const double> variances);

}  // namespace scrim
