#include "audit/resampling.h"

#include "base/check.h"
#include "base/random.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace scrim {
namespace {

constexpr double kTail = 0.025;

double sorted_quantile(std::span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

// Groups numbered from 0, in the order in which they appear.
std::vector<std::size_t> numbered(std::span<const int> group) {
  std::map<int, std::size_t> numbers;
  std::vector<std::size_t> result;
  for (const int name : group) {
    result.push_back(numbers.try_emplace(name, numbers.size()).first->second);
  }
  return result;
}

Measured interval_of(double value, std::vector<double> drawn) {
  if (drawn.empty()) return {value, value, value};
  std::sort(drawn.begin(), drawn.end());
  return {value, sorted_quantile(drawn, kTail), sorted_quantile(drawn, 1 - kTail)};
}

}  // namespace

Measured estimate_by_group(std::span<const int> group, const Statistic& statistic,
                           const Resampling& options) {
  check(options.draws >= 1, "an interval needs at least 1 draw, got ", options.draws);
  check(!group.empty(), "an interval needs at least one unit");
  const std::vector<std::size_t> numbers = numbered(group);
  const std::size_t groups = *std::max_element(numbers.begin(), numbers.end()) + 1;
  Random random(options.seed);
  std::vector<double> times(groups), weights(numbers.size(), 1.0), drawn;
  const double value = statistic(weights);
  for (int draw = 0; draw < options.draws; ++draw) {
    std::fill(times.begin(), times.end(), 0.0);
    for (std::size_t i = 0; i < groups; ++i) ++times[random.index(groups)];
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = times[numbers[i]];
    if (const double one = statistic(weights); !std::isnan(one)) drawn.push_back(one);
  }
  return interval_of(value, std::move(drawn));
}

Measured estimate(std::size_t units, const Statistic& statistic, const Resampling& options) {
  std::vector<int> each(units);
  std::iota(each.begin(), each.end(), 0);
  return estimate_by_group(each, statistic, options);
}

Measured ratio_estimate(std::span<const double> over, std::span<const double> under,
                        const Resampling& options) {
  check(over.size() == under.size(), "a ratio needs as many values below as above, got ",
        under.size(), " and ", over.size());
  const auto ratio = [&](std::span<const double> weights) {
    const double sum = std::inner_product(under.begin(), under.end(), weights.begin(), 0.0);
    return sum != 0 ? std::inner_product(over.begin(), over.end(), weights.begin(), 0.0) / sum
                    : std::numeric_limits<double>::quiet_NaN();
  };
  return estimate(over.size(), ratio, options);
}

Measured mean_estimate(std::span<const double> values, const Resampling& options) {
  std::vector<double> present, count;
  for (const double value : values) {
    present.push_back(std::isnan(value) ? 0 : value);
    count.push_back(std::isnan(value) ? 0 : 1);
  }
  return ratio_estimate(present, count, options);
}

double quantile(std::vector<double> values, double share) {
  check(share >= 0 && share <= 1, "a quantile's share must be in [0, 1], got ", share);
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::sort(values.begin(), values.end());
  return sorted_quantile(values, share);
}

}  // namespace scrim
