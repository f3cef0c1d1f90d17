#include "noise/contract.h"

#include "base/check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace scrim {
namespace {

void check_alpha(double alpha) {
  check(0.0 < alpha && alpha < 1.0, "alpha must be in (0, 1), got ", alpha);
}

void check_directions(std::size_t directions, std::int64_t channels) {
  check(channels > 0 && directions <= static_cast<std::size_t>(channels), "there are ", directions,
        " directions, but the network has ", channels, " channels at the split");
}

void check_each(std::span<const double> values, const char* what, double least) {
  for (std::size_t k = 0; k < values.size(); ++k) {
    check(std::isfinite(values[k]) && values[k] >= least, what, " ", k, " is ", values[k],
          ", must be finite and at least ", least);
  }
}

// ln(1 + exp(x)) without overflow.
double softplus(double x) { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

double sigmoid(double x) {
  const double e = std::exp(-std::abs(x));
  return (x < 0 ? e : 1.0) / (1.0 + e);
}

// ln(exp(x) - 1) for x > 0, without overflow.
double log_expm1(double x) { return x + std::log(-std::expm1(-x)); }

double alpha_of_scaled(std::span<const double> snr, std::int64_t channels, double factor) {
  check_directions(snr.size(), channels);
  check_each(snr, "signal-to-noise ratio", 0.0);
  double nats = 0;
  for (const double ratio : snr) nats += std::log1p(factor * ratio);
  return std::exp(-nats / static_cast<double>(channels));
}

// sum ln(1 + SNR_k) at water level exp(log_theta).
double filled(std::span<const double> log_gamma, double log_theta, double ceiling) {
  double nats = 0;
  for (const double g : log_gamma) nats += std::clamp(g - log_theta, 0.0, ceiling);
  return nats;
}

// The logarithm of the water level at which `nats` pass; the lowest useful one if so many cannot.
// Bisection down to neighbouring doubles: `filled` falls monotonically, in K linear pieces.
double water_level(std::span<const double> log_gamma, double nats, double ceiling) {
  const auto [least, most] = std::minmax_element(log_gamma.begin(), log_gamma.end());
  double low = *least - ceiling;
  double high = *most;
  if (filled(log_gamma, low, ceiling) <= nats) return low;
  for (double middle = std::midpoint(low, high); low < middle && middle < high;
       middle = std::midpoint(low, high)) {
    (filled(log_gamma, middle, ceiling) > nats ? low : high) = middle;
  }
  return high;
}

}  // namespace

double alpha_of(std::span<const double> snr, std::int64_t channels) {
  return alpha_of_scaled(snr, channels, 1.0);
}

double alpha_after_repeats(std::span<const double> snr, std::int64_t channels, double repeats) {
  check(std::isfinite(repeats) && repeats >= 1.0, "repeats must be at least 1, got ", repeats);
  return alpha_of_scaled(snr, channels, repeats);
}

double bits_per_element(double alpha) {
  check(0.0 < alpha && alpha <= 1.0, "alpha must be in (0, 1], got ", alpha);
  return std::log2(1.0 / alpha) / 2.0;
}

double bits_per_cell(double alpha, std::int64_t channels) {
  check(channels > 0, "channels must be positive, got ", channels);
  return static_cast<double>(channels) * bits_per_element(alpha);
}

double joint_capacity(std::span<const double> covariance, std::span<const double> noise_variance) {
  const std::size_t size = noise_variance.size();
  check(covariance.size() == size * size, "a covariance of ", size, " directions has ", size * size,
        " entries, got ", covariance.size());
  check_each(covariance, "covariance entry", std::numeric_limits<double>::lowest());
  check_each(noise_variance, "noise variance", std::numeric_limits<double>::min());
  // Cholesky of I + D^-1/2 S D^-1/2, whose determinant is that of I + D^-1 S.
  std::vector<double> lower(size * size);
  double nats = 0;
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = covariance[i * size + j] / std::sqrt(noise_variance[i] * noise_variance[j]);
      if (i == j) sum += 1.0;
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i * size + k] * lower[j * size + k];
      check(i != j || sum > 0.0, "the covariance is not positive semi-definite at direction ", i);
      lower[i * size + j] = i == j ? std::sqrt(sum) : sum / lower[j * size + j];
    }
    nats += std::log(lower[i * size + i]);
  }
  return nats;
}

double joint_alpha(std::span<const double> covariance, std::span<const double> noise_variance,
                   std::int64_t channels) {
  check_directions(noise_variance.size(), channels);
  return std::exp(-2.0 * joint_capacity(covariance, noise_variance) /
                  static_cast<double>(channels));
}

double uniform_snr(double alpha, std::int64_t channels, std::int64_t directions) {
  check_alpha(alpha);
  check(0 < directions && directions <= channels, "directions must be in 1..", channels, ", got ",
        directions);
  const double share = static_cast<double>(channels) / static_cast<double>(directions);
  return std::expm1(-std::log(alpha) * share);
}

WaterFilling fisher_snr(std::span<const double> gamma, double alpha, std::int64_t channels,
                        double cap) {
  check_alpha(alpha);
  check_directions(gamma.size(), channels);
  check_each(gamma, "Fisher information", 0.0);
  check(std::isfinite(cap) && cap > 0.0, "the cap must be positive, got ", cap);
  std::vector<double> log_gamma;
  for (const double g : gamma) {
    if (g > 0.0) log_gamma.push_back(std::log(g));
  }
  check(!log_gamma.empty(), "no direction has Fisher information: there is nothing to send");

  const double ceiling = std::log1p(cap);
  const double nats = -std::log(alpha) * static_cast<double>(channels);
  const double log_theta = water_level(log_gamma, nats, ceiling);
  WaterFilling filling{std::exp(log_theta), {}, 1.0};
  for (const double g : gamma) {
    const double height = g > 0.0 ? std::log(g) - log_theta : 0.0;
    filling.snr.push_back(height >= ceiling ? cap : std::expm1(std::max(height, 0.0)));
  }
  filling.alpha = alpha_of(filling.snr, channels);
  return filling;
}

AlphaRoot solve_alpha(std::span<const double> s, double alpha, std::int64_t channels) {
  check_alpha(alpha);
  check_directions(s.size(), channels);
  check(!s.empty(), "there are no logits to solve alpha for");
  check_each(s, "logit", std::numeric_limits<double>::lowest());
  // The mean runs over the K directions that are sent; they carry the bits of all N channels.
  const double size = static_cast<double>(s.size());
  const double target = -std::log(alpha) * static_cast<double>(channels) / size;
  const double mean = std::accumulate(s.begin(), s.end(), 0.0) / size;

  // The mean of softplus is convex and falls with t, and by Jensen it is not below the target here:
  // Newton climbs to the root from the left and needs no bracket.
  AlphaRoot root{-log_expm1(target) - mean, {}, {}};
  root.trace.push_back(root.t);
  constexpr int kMostSteps = 200;
  for (int step = 0; step < kMostSteps; ++step) {
    double value = 0;
    double slope = 0;
    for (const double logit : s) {
      value += softplus(-(logit + root.t)) / size;
      slope += sigmoid(-(logit + root.t)) / size;
    }
    const double change = (value - target) / slope;
    if (!(change > 1e-14 * std::max(1.0, std::abs(root.t)))) break;  // down to rounding
    root.t += change;
    root.trace.push_back(root.t);
  }
  for (const double logit : s) root.snr.push_back(std::exp(-(logit + root.t)));
  return root;
}

std::vector<double> alpha_root_gradient(std::span<const double> s, double t) {
  check(!s.empty(), "there are no logits to differentiate by");
  std::vector<double> gradient;
  for (const double logit : s) gradient.push_back(sigmoid(-(logit + t)));
  const double sum = std::accumulate(gradient.begin(), gradient.end(), 0.0);
  for (double& g : gradient) g /= -sum;
  return gradient;
}

}  // namespace scrim
