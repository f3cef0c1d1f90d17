#include "evaluate/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

namespace scrim {
namespace {

constexpr double kTail = 0.025;

// How often each picture is drawn. The distribution is ours, so that every standard library draws
// the same: the high half of a 64-bit product, whose bias is below pictures / 2^32.
void draw(std::vector<std::int32_t>& weights, std::mt19937_64& random) {
  std::fill(weights.begin(), weights.end(), 0);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    ++weights[((random() >> 32) * weights.size()) >> 32];
  }
}

// Linear between the order statistics; `sorted` is not empty.
double quantile(const std::vector<double>& sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return std::lerp(sorted[below], sorted[above], place - static_cast<double>(below));
}

}  // namespace

Interval bootstrap_interval(std::span<const Ranking> folds, std::size_t pictures,
                            const BootstrapOptions& options) {
  std::mt19937_64 random(options.seed);
  std::vector<std::int32_t> weights(pictures);
  std::vector<double> values(folds.size());
  std::vector<double> means;
  for (int i = 0; i < options.resamplings; ++i) {
    draw(weights, random);
    std::transform(folds.begin(), folds.end(), values.begin(),
                   [&](const Ranking& fold) { return fold.average_precision(weights); });
    // A draw without any face, possible with a handful of pictures, says nothing.
    if (const double mean = mean_of_folds(values); !std::isnan(mean)) means.push_back(mean);
  }
  if (means.empty()) return {};
  std::sort(means.begin(), means.end());
  return {quantile(means, kTail), quantile(means, 1 - kTail)};
}

}  // namespace scrim
