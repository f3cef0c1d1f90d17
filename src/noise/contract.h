// Alpha as a contract: how many bits pass, and how they are spent over the directions.
//
// Formulas: docs/decisions/0005-alpha-is-a-contract.md. All in float64. SNR_k is the ratio of signal
// to noise variance of direction k; N is the channel count of the network at the split.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace scrim {

// alpha = exp(-(1/N) sum ln(1 + SNR_k)), in (0, 1]. Directions not listed count as destroyed.
double alpha_of(std::span<const double> snr, std::int64_t channels);
// The alpha of n independent releases of one input: every SNR times n.
double alpha_after_repeats(std::span<const double> snr, std::int64_t channels, double repeats);
// log2(1/alpha)/2 and N times that.
double bits_per_element(double alpha);
double bits_per_cell(double alpha, std::int64_t channels);

// The SNR that every one of `directions` has when they share the bits: uniform allocation.
double uniform_snr(double alpha, std::int64_t channels, std::int64_t directions);

// Reverse water-filling: 1 + SNR_k = max(1, gamma_k / theta), theta such that alpha holds exactly,
// SNR at most `cap`. gamma >= 0, the Fisher information of each direction in white space.
struct WaterFilling {
  double theta;
  std::vector<double> snr;
};
WaterFilling fisher_snr(std::span<const double> gamma, double alpha, std::int64_t channels, double cap = 1e4);

// The root t of (1/N) sum softplus(-(s_k + t)) = ln(1/alpha), by Newton from the Jensen point, and
// SNR_k = exp(-(s_k + t)). Throws kInvalidArgument on alpha outside (0, 1) or no s.
struct AlphaRoot {
  double t;
  std::vector<double> snr;
  std::vector<double> trace;  // t after each step
};
AlphaRoot solve_alpha(std::span<const double> s, double alpha, std::int64_t channels);
// dt/ds_k at the root.
std::vector<double> alpha_root_gradient(std::span<const double> s, double t);

}  // namespace scrim
