#include "noise/mechanism.h"

#include "base/check.h"
#include "noise/contract.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scrim {
namespace {

// Two spellings of one alpha, as 0.8 from a file and 0.8 from a computation.
constexpr double kSameAlpha = 1e-9;

std::size_t row_near(const std::vector<double>& alphas, double alpha) {
  check(0.0 < alpha && alpha < 1.0, "alpha must be in (0, 1), got ", alpha);
  const auto row = std::ranges::find_if(
      alphas, [&](double calibrated) { return std::abs(calibrated - alpha) <= kSameAlpha; });
  if (row == alphas.end()) {
    std::string list;
    for (const double calibrated : alphas) {
      list += list.empty() ? sentence(calibrated) : sentence(", ", calibrated);
    }
    check(false, "alpha ", alpha, " is not calibrated; the release has ", list);
  }
  return static_cast<std::size_t>(row - alphas.begin());
}

void check_sizes(const NoiseParameters& p) {
  check(0 < p.directions && p.directions <= p.channels, "the noise has ", p.directions,
        " directions of ", p.channels, " channels; it needs 1 to N of N");
  check(std::isfinite(p.clip) && 0.0F < p.clip && p.clip <= kMostClip, "clip must be in (0, ",
        kMostClip, "], got ", p.clip);
  check(p.scale.size() == p.alphas.size() && p.sigma.size() == p.alphas.size(), "the noise has ",
        p.alphas.size(), " alphas, but ", p.scale.size(), " rows of scale and ", p.sigma.size(),
        " of sigma");
  const auto directions = static_cast<std::size_t>(p.directions);
  check(p.held_out_variance.empty() || p.held_out_variance.size() == directions, "the noise has ",
        directions, " directions, but ", p.held_out_variance.size(), " held-out variances");
}

void check_values(std::span<const float> values, const char* what, std::int64_t directions) {
  check(values.size() == static_cast<std::size_t>(directions), "the noise has ", directions,
        " directions, but ", values.size(), " values of ", what);
  for (std::size_t k = 0; k < values.size(); ++k) {
    check(std::isfinite(values[k]) && values[k] >= 0.0F, what, " of direction ", k, " is ",
          values[k], ", must be finite and not negative");
  }
}

void refuse_bare_signal(std::span<const float> scale, std::span<const float> sigma) {
  if (std::ranges::none_of(sigma, [](float s) { return s > 0.0F; })) {
    fail(ErrorCode::kRefused, "every sigma is 0: the release has no noise");
  }
  for (std::size_t k = 0; k < scale.size(); ++k) {
    if (scale[k] > 0.0F && !(sigma[k] > 0.0F)) {
      fail(ErrorCode::kRefused, "direction ", k, " would pass without noise: its scale is ",
           scale[k], ", its sigma 0");
    }
  }
}

}  // namespace

double realised_alpha(std::span<const float> scale, std::span<const float> sigma,
                      std::span<const float> held_out_variance, std::int64_t channels) {
  std::vector<double> promised(scale.size(), 0.0);
  std::vector<double> held_out(scale.size(), 0.0);
  for (std::size_t k = 0; k < scale.size(); ++k) {
    if (scale[k] == 0.0F) continue;
    const double ratio = static_cast<double>(scale[k]) / static_cast<double>(sigma[k]);
    promised[k] = ratio * ratio;
    held_out[k] = held_out_variance.empty() ? promised[k] : promised[k] * held_out_variance[k];
  }
  return std::min(alpha_of(promised, channels), alpha_of(held_out, channels));
}

double held_out_joint_alpha(const Mechanism& mechanism, std::span<const float> covariance) {
  if (covariance.empty()) return std::numeric_limits<double>::quiet_NaN();
  const std::size_t directions = mechanism.scale.size();
  check(covariance.size() == directions * directions, "a covariance of ", directions,
        " directions has ", directions * directions, " entries, got ", covariance.size());
  std::vector<double> signal, noise;
  for (std::size_t i = 0; i < directions; ++i) {
    if (mechanism.scale[i] == 0.0F) continue;
    noise.push_back(static_cast<double>(mechanism.sigma[i]) * mechanism.sigma[i]);
    for (std::size_t j = 0; j < directions; ++j) {
      if (mechanism.scale[j] == 0.0F) continue;
      signal.push_back(static_cast<double>(mechanism.scale[i]) * mechanism.scale[j] *
                       covariance[i * directions + j]);
    }
  }
  return joint_alpha(signal, noise, mechanism.channels);
}

Mechanism mechanism_at(const NoiseParameters& parameters, double alpha) {
  check_sizes(parameters);
  const std::size_t row = row_near(parameters.alphas, alpha);
  Mechanism mechanism{parameters.alphas[row], 0.0,
                      parameters.channels,    parameters.clip,
                      parameters.scale[row],  parameters.sigma[row]};
  check_values(mechanism.scale, "scale", parameters.directions);
  check_values(mechanism.sigma, "sigma", parameters.directions);
  if (!parameters.held_out_variance.empty()) {
    check_values(parameters.held_out_variance, "held-out variance", parameters.directions);
  }
  refuse_bare_signal(mechanism.scale, mechanism.sigma);
  mechanism.realised_alpha = realised_alpha(mechanism.scale, mechanism.sigma,
                                            parameters.held_out_variance, mechanism.channels);

  const double claimed = bits_per_cell(mechanism.alpha, mechanism.channels);
  const double realised = bits_per_cell(mechanism.realised_alpha, mechanism.channels);
  if (!(realised <= claimed * (1.0 + kBitsMargin))) {
    fail(ErrorCode::kRefused, "the release claims alpha ", mechanism.alpha, " (", claimed,
         " bits per cell), but its noise lets ", realised, " bits pass: alpha ",
         mechanism.realised_alpha);
  }
  return mechanism;
}

}  // namespace scrim
