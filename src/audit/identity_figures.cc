#include "audit/identity_figures.h"

#include "base/check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace scrim {
namespace {

void check_matching(const Matching& m) {
  const std::size_t pairs = m.probe_person.size() * m.gallery_person.size();
  check(pairs > 0 && m.similarity.size() == pairs, "a matching of ", m.probe_person.size(),
        " probes and ", m.gallery_person.size(), " pictures needs ", pairs,
        " similarities and at least one, got ", m.similarity.size());
  check(!m.same_pictures || m.probe_person == m.gallery_person,
        "probes of the gallery's own pictures must show its persons, one for one");
  check(std::all_of(m.similarity.begin(), m.similarity.end(),
                    [](float value) { return std::isfinite(value); }),
        "a similarity is not finite");
}

// Calls with the place in the gallery, its similarity and whether it shows the probe's person.
template <typename Function>
void for_gallery_of(const Matching& m, std::size_t probe, Function function) {
  const std::size_t gallery = m.gallery_person.size();
  for (std::size_t i = 0; i < gallery; ++i) {
    if (m.same_pictures && i == probe) continue;
    function(i, m.similarity[probe * gallery + i], m.gallery_person[i] == m.probe_person[probe]);
  }
}

// Of the most similar pictures the share that shows the person; NaN if no picture at all does.
double hit(const Matching& m, std::size_t probe) {
  float best = -std::numeric_limits<float>::infinity();
  double at_best = 0, right = 0, present = 0;
  for_gallery_of(m, probe, [&](std::size_t, float similarity, bool same) {
    present += same;
    if (similarity < best) return;
    if (similarity > best) at_best = right = 0;
    best = similarity;
    ++at_best;
    right += same;
  });
  return present > 0 ? right / at_best : std::numeric_limits<double>::quiet_NaN();
}

double weighted_mean(std::span<const double> values, std::span<const double> weights) {
  double sum = 0, count = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    sum += weights[i] * values[i];
    count += weights[i];
  }
  return count > 0 ? sum / count : std::numeric_limits<double>::quiet_NaN();
}

// Scores from the lowest up, those that are equal together.
struct Order {
  explicit Order(std::span<const double> scores) : place(scores.size()), last(scores.size()) {
    std::iota(place.begin(), place.end(), 0U);
    std::sort(place.begin(), place.end(),
              [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    for (std::size_t i = 0; i < place.size(); ++i) {
      last[i] = i + 1 == place.size() || scores[place[i]] < scores[place[i + 1]];
    }
  }

  std::vector<std::size_t> place;
  std::vector<bool> last;  // of its score
};

template <typename WeightOf>
double ordered_auc(const Order& order, const std::vector<bool>& positive, WeightOf weight_of) {
  double won = 0, positives = 0, negatives = 0, tied_positives = 0, tied_negatives = 0;
  for (std::size_t i = 0; i < order.place.size(); ++i) {
    const std::size_t unit = order.place[i];
    (positive[unit] ? tied_positives : tied_negatives) += weight_of(unit);
    if (!order.last[i]) continue;
    won += tied_positives * (negatives + tied_negatives / 2);
    positives += tied_positives;
    negatives += tied_negatives;
    tied_positives = tied_negatives = 0;
  }
  return positives > 0 && negatives > 0 ? won / (positives * negatives)
                                        : std::numeric_limits<double>::quiet_NaN();
}

void check_scores(std::span<const double> scores, const std::vector<bool>& positive,
                  std::size_t others) {
  check(scores.size() == positive.size() && scores.size() == others,
        "as many labels and weights or groups as scores are needed, got ", positive.size(), " and ",
        others, " for ", scores.size());
  check(std::none_of(scores.begin(), scores.end(), [](double s) { return std::isnan(s); }),
        "a score is not a number");
}

// Every pair that counts, with the persons of both sides as places in a list of persons.
struct Pairs {
  std::vector<double> similarity;
  std::vector<bool> same;
  std::vector<std::size_t> one, other;
  std::vector<int> persons;
};

Pairs pairs_of(const Matching& m) {
  Pairs pairs;
  std::map<int, std::size_t> numbers;
  for (const auto* side : {&m.probe_person, &m.gallery_person}) {
    for (const int person : *side) {
      if (numbers.try_emplace(person, numbers.size()).second) pairs.persons.push_back(person);
    }
  }
  for (std::size_t probe = 0; probe < m.probe_person.size(); ++probe) {
    const std::size_t one = numbers.at(m.probe_person[probe]);
    for_gallery_of(m, probe, [&](std::size_t i, float similarity, bool same) {
      pairs.similarity.push_back(similarity);
      pairs.same.push_back(same);
      pairs.one.push_back(one);
      pairs.other.push_back(numbers.at(m.gallery_person[i]));
    });
  }
  return pairs;
}

}  // namespace

Measured rank1(const Matching& matching, const Resampling& options) {
  check_matching(matching);
  std::vector<double> hits;
  for (std::size_t probe = 0; probe < matching.probe_person.size(); ++probe) {
    hits.push_back(hit(matching, probe));
  }
  check(!std::all_of(hits.begin(), hits.end(), [](double h) { return std::isnan(h); }),
        "no probe shows a person of the gallery");
  return estimate_by_group(
      matching.probe_person,
      [&hits](std::span<const double> weights) { return weighted_mean(hits, weights); }, options);
}

double rank1_chance(const Matching& matching) {
  check_matching(matching);
  double sum = 0, probes = 0;
  for (std::size_t probe = 0; probe < matching.probe_person.size(); ++probe) {
    double right = 0, all = 0;
    for_gallery_of(matching, probe, [&](std::size_t, float, bool same) {
      right += same;
      ++all;
    });
    if (right == 0) continue;
    sum += right / all;
    ++probes;
  }
  check(probes > 0, "no probe shows a person of the gallery");
  return sum / probes;
}

Measured verification_auc(const Matching& matching, const Resampling& options) {
  check_matching(matching);
  const Pairs pairs = pairs_of(matching);
  const Order order(pairs.similarity);
  const auto statistic = [&](std::span<const double> weights) {
    return ordered_auc(order, pairs.same, [&](std::size_t pair) {
      const double one = weights[pairs.one[pair]];
      return pairs.same[pair] ? one : one * weights[pairs.other[pair]];
    });
  };
  const Measured result = estimate_by_group(pairs.persons, statistic, options);
  check(!std::isnan(result.value), "an AUC needs pairs of one person and pairs of two");
  return result;
}

double auc(std::span<const double> scores, const std::vector<bool>& positive,
           std::span<const double> weights) {
  check_scores(scores, positive, weights.size());
  return ordered_auc(Order(scores), positive, [&](std::size_t unit) { return weights[unit]; });
}

double auc(std::span<const double> scores, const std::vector<bool>& positive) {
  return auc(scores, positive, std::vector<double>(scores.size(), 1.0));
}

Measured auc_estimate(std::span<const double> scores, const std::vector<bool>& positive,
                      std::span<const int> group, const Resampling& options) {
  check_scores(scores, positive, group.size());
  const Order order(scores);
  return estimate_by_group(
      group,
      [&](std::span<const double> weights) {
        return ordered_auc(order, positive, [&](std::size_t unit) { return weights[unit]; });
      },
      options);
}

}  // namespace scrim
