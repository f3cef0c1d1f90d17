#include "audit/conditions.h"

#include "base/check.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scrim {
namespace {

// What the attackers' networks are told where there is no alpha: ends of the scale.
constexpr double kNoNoise = 1e-4;
constexpr double kNoSignal = 1 - 1e-4;

}  // namespace

std::size_t alpha_place(const NoiseParameters& noise, double alpha) {
  const auto found = std::find_if(noise.alphas.begin(), noise.alphas.end(),
                                  [alpha](double known) { return std::abs(known - alpha) < 1e-9; });
  check(found != noise.alphas.end(), "the release was not calibrated for alpha ", alpha);
  return static_cast<std::size_t>(found - noise.alphas.begin());
}

namespace {

Condition release_condition(const NoiseParameters& noise, double alpha, int draws) {
  const std::size_t place = alpha_place(noise, alpha);
  Condition condition{
      Seen::kRelease,    alpha, draws, alpha_after(noise, place, draws), noise.scale[place],
      noise.sigma[place]};
  for (float& sigma : condition.sigma) sigma /= std::sqrt(static_cast<float>(draws));
  return condition;
}

}  // namespace

double alpha_after(const NoiseParameters& noise, std::size_t alpha_index, int draws) {
  double sum = 0;
  for (std::size_t k = 0; k < noise.scale[alpha_index].size(); ++k) {
    const double scale = noise.scale[alpha_index][k], sigma = noise.sigma[alpha_index][k];
    if (scale > 0) sum += std::log1p(draws * scale * scale / (sigma * sigma));
  }
  return std::exp(-sum / static_cast<double>(noise.channels));
}

float level_of(const Condition& condition) {
  const double alpha = condition.alpha_after;
  return static_cast<float>(std::log(alpha / (1 - alpha)) / 3);
}

Condition without_noise(std::int64_t channels) {
  const auto count = static_cast<std::size_t>(channels);
  return {
      Seen::kNoNoise, std::numeric_limits<double>::quiet_NaN(), 1,
      kNoNoise,       std::vector<float>(count, 1.0F),          std::vector<float>(count, 0.0F)};
}

std::vector<Condition> conditions_of(const NoiseParameters& noise,
                                     const std::vector<double>& alphas,
                                     const std::vector<int>& draws) {
  std::vector<Condition> conditions = {without_noise(noise.directions)};
  Condition nothing = conditions.front();
  nothing.seen = Seen::kNoiseOnly;
  nothing.alpha_after = kNoSignal;
  std::swap(nothing.scale, nothing.sigma);
  conditions.push_back(nothing);
  for (const double alpha : alphas) {
    conditions.push_back(release_condition(noise, alpha, 1));
    for (const int n : draws) conditions.push_back(release_condition(noise, alpha, n));
  }
  return conditions;
}

}  // namespace scrim
