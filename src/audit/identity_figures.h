// Whether a person is found again: rank-1, the area under the ROC curve, and what guessing gives.
#pragma once

#include "audit/resampling.h"

#include <span>
#include <vector>

namespace scrim {

// How alike each probe (what an attacker made of a noisy activation) and each picture of the
// gallery are, and whom they show.
struct Matching {
  std::vector<int> probe_person, gallery_person;  // any numbers that name the persons
  std::vector<float> similarity;  // probes x gallery, row-major; higher is more alike
  // Probe i was made from the gallery's picture i: that pair is left out of every figure, so that
  // the picture itself is not what is found.
  bool same_pictures = true;
};

// Rank-1 identification: the share of probes whose most similar picture shows the same person. Of
// several equally similar ones each counts its share, so that an attacker whose answers are all
// equal is at chance. A probe whose person is not in the gallery is left out. The interval is by
// person, with the gallery as it is. Throws kInvalidArgument, as all below, where the sizes do not
// fit, where a similarity is not finite, or where no probe is left.
Measured rank1(const Matching& matching, const Resampling& options = {});
// What guessing reaches: the mean share of a probe's gallery that shows its person. For P persons
// with n pictures each it is (n - 1) / (P n - 1).
double rank1_chance(const Matching& matching);

// Verification: the chance that a pair of one person is more alike than a pair of two, ties
// counting half. .5 is chance. The interval is by person: a pair of one person stands as often as
// the person is drawn, a pair of two as often as both together.
Measured verification_auc(const Matching& matching, const Resampling& options = {});

// Area under the ROC curve of scores: the chance that a positive scores over a negative, ties
// counting half (Mann and Whitney, 1947). NaN without one of the two. With weights, unit i stands
// weights[i] times.
double auc(std::span<const double> scores, const std::vector<bool>& positive,
           std::span<const double> weights);
double auc(std::span<const double> scores, const std::vector<bool>& positive);
// With its interval by group, as by person.
Measured auc_estimate(std::span<const double> scores, const std::vector<bool>& positive,
                      std::span<const int> group, const Resampling& options = {});

}  // namespace scrim
