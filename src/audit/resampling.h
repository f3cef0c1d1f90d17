// How far a figure could lie from the truth: the percentile bootstrap, by picture or by person.
#pragma once

#include <scrim/audit.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace scrim {

struct Resampling {
  int draws = 1000;  // at least 1
  std::uint64_t seed = 1;
};

// A figure of the units when unit i stands weights[i] times; NaN where that says nothing.
using Statistic = std::function<double(std::span<const double> weights)>;

// The statistic with each unit once, and its 95 % percentile interval (Efron and Tibshirani, 1993,
// chapter 13). A draw takes as many units as there are, with replacement; one whose statistic is
// NaN is left out. The same seed gives the same interval everywhere. Throws kInvalidArgument
// without units or draws.
Measured estimate(std::size_t units, const Statistic& statistic, const Resampling& options = {});

// The same by group, as by the person that a picture shows: pictures of one person are alike, so
// that drawing them one by one would make the interval too narrow. Whole groups are drawn, as many
// as there are; group[i] is any number that names the group of unit i.
Measured estimate_by_group(std::span<const int> group, const Statistic& statistic,
                           const Resampling& options = {});

// Of the mean over the values that are not NaN.
Measured mean_estimate(std::span<const double> values, const Resampling& options = {});

// Of a sum over a sum, as of errors over variances pooled over pictures. NaN where the second is 0.
Measured ratio_estimate(std::span<const double> over, std::span<const double> under,
                        const Resampling& options = {});

// Linear between the order statistics (R's type 7), of `values` in any order; NaN without values.
double quantile(std::vector<double> values, double share);

}  // namespace scrim
