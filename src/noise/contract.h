// Alpha as a contract: how many bits pass, and how they are spent over the directions.
//
// Formulas: docs/decisions/0005-alpha-is-a-contract.md. All in float64. SNR_k is the ratio of
// signal to noise variance of direction k; N is the channel count of the network at the split.
// Every function throws kInvalidArgument on a value that is not finite or out of its range.
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

// The capacity of one cell when the directions are correlated, in nats: ln det(I + D^-1 S)/2 with S
// the K x K covariance of the signal, row-major, and D the K noise variances. Never more than the
// diagonal form that alpha_of uses, so that alpha_of errs on the safe side.
double joint_capacity(std::span<const double> covariance, std::span<const double> noise_variance);
// exp(-2 C / N) of that capacity.
double joint_alpha(std::span<const double> covariance, std::span<const double> noise_variance,
                   std::int64_t channels);

// The SNR that every one of `directions` has when they share the bits: uniform allocation.
double uniform_snr(double alpha, std::int64_t channels, std::int64_t directions);

// Reverse water-filling: 1 + SNR_k = max(1, gamma_k / theta), theta such that alpha holds exactly,
// SNR at most `cap`. gamma >= 0, the Fisher information of each direction in white space.
//
// What the cap takes from one direction goes to the others. When all are at the cap and bits are
// left over, fewer bits pass than were asked for: `alpha` is then above the alpha asked for.
struct WaterFilling {
  double theta;
  std::vector<double> snr;
  double alpha;  // the true one, alpha_of(snr)
};
WaterFilling fisher_snr(std::span<const double> gamma, double alpha, std::int64_t channels,
                        double cap = 1e4);

// The root t of (1/N) sum softplus(-(s_k + t)) = ln(1/alpha), by Newton from the Jensen point, and
// SNR_k = exp(-(s_k + t)). Throws kInvalidArgument on alpha outside (0, 1) or no s.
struct AlphaRoot {
  double t;
  std::vector<double> snr;
  std::vector<double> trace;  // the Jensen point, then t after each step; never decreasing
};
AlphaRoot solve_alpha(std::span<const double> s, double alpha, std::int64_t channels);
// dt/ds_k at the root.
std::vector<double> alpha_root_gradient(std::span<const double> s, double t);

}  // namespace scrim
