// How far a mean average precision could lie from the truth: the bootstrap over pictures.
#pragma once

#include "data/average_precision.h"

#include <cstddef>
#include <cstdint>
#include <span>

namespace scrim {

struct Interval {
  double low = 0, high = 0;
};

struct BootstrapOptions {
  int resamplings = 1000;  // at least 1
  std::uint64_t seed = 1;
};

// The 95 % percentile interval of the mean of the folds. Each resampling draws as many pictures as
// the run has, with replacement; a picture keeps its fold and all its detections, because those of
// one picture are not independent of each other. Matching is not repeated, so that a thousand
// resamplings of a thousand pictures take a fraction of a second.
Interval bootstrap_interval(std::span<const Ranking> folds, std::size_t pictures,
                            const BootstrapOptions& options);

}  // namespace scrim
