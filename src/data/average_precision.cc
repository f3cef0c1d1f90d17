#include "data/average_precision.h"

#include "data/detections.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scrim {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

struct Nearest {
  std::size_t face = 0;
  float iou = 0;
};

Nearest nearest_face(const Box& box, std::span<const Box> faces) {
  Nearest best;
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const float overlap = iou(box, faces[i]);
    if (overlap > best.iou) best = {i, overlap};
  }
  return best;
}

}  // namespace

PictureCount count_picture(std::span<const Detection> detections, const Sample& sample,
                           const MatchRules& rules) {
  const std::span<const Box> faces = sample.faces;
  const auto is_ignored = [&](const Box& face) { return face.height() < rules.min_height; };
  std::vector<Detection> sorted(detections.begin(), detections.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Detection& a, const Detection& b) { return a.score > b.score; });

  PictureCount count;
  count.fold = sample.fold;
  count.faces =
      std::count_if(faces.begin(), faces.end(), [&](const Box& face) { return !is_ignored(face); });
  std::vector<bool> found(faces.size(), false);
  for (const Detection& detection : sorted) {
    const Nearest nearest = nearest_face(detection.box, faces);
    const bool matches = nearest.iou > 0 && nearest.iou >= static_cast<float>(rules.iou);
    if (matches && is_ignored(faces[nearest.face])) continue;
    const bool correct = matches && !found[nearest.face];
    if (correct) found[nearest.face] = true;
    count.detections.push_back({detection.score, correct});
  }
  return count;
}

Ranking::Ranking(std::span<const PictureCount> pictures, std::span<const std::size_t> members) {
  struct Ranked {
    CountedDetection detection;
    std::uint32_t picture;
  };
  std::vector<Ranked> ranked;
  for (const std::size_t member : members) {
    const auto picture = static_cast<std::uint32_t>(member);
    faces_.push_back({picture, pictures[member].faces});
    for (const CountedDetection& detection : pictures[member].detections) {
      ranked.push_back({detection, picture});
    }
  }
  std::stable_sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return a.detection.score > b.detection.score;
  });
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const bool last =
        i + 1 == ranked.size() || ranked[i + 1].detection.score != ranked[i].detection.score;
    entries_.push_back({ranked[i].picture, ranked[i].detection.correct, last});
  }
}

double Ranking::average_precision(std::span<const std::int32_t> weights) const {
  std::int64_t total = 0;
  for (const Faces& faces : faces_) total += weights[faces.picture] * faces.count;
  if (total == 0) return kUndefined;

  struct Point {
    std::int64_t correct;
    double precision;
  };
  std::vector<Point> curve;
  curve.reserve(entries_.size());
  std::int64_t correct = 0, counted = 0;
  for (const Entry& entry : entries_) {
    counted += weights[entry.picture];
    if (entry.correct) correct += weights[entry.picture];
    if (!entry.last_of_its_score || counted == 0) continue;
    curve.push_back({correct, static_cast<double>(correct) / static_cast<double>(counted)});
  }
  // Backwards, so that each step of recall meets the best precision at that recall or beyond.
  double envelope = 0, area = 0;
  for (std::size_t i = curve.size(); i-- > 0;) {
    envelope = std::max(envelope, curve[i].precision);
    const std::int64_t before = i == 0 ? 0 : curve[i - 1].correct;
    area += envelope * static_cast<double>(curve[i].correct - before);
  }
  return area / static_cast<double>(total);
}

double Ranking::max_recall() const {
  const auto found = std::count_if(entries_.begin(), entries_.end(),
                                   [](const Entry& entry) { return entry.correct; });
  return faces() == 0 ? kUndefined : static_cast<double>(found) / static_cast<double>(faces());
}

std::int64_t Ranking::faces() const {
  std::int64_t total = 0;
  for (const Faces& faces : faces_) total += faces.count;
  return total;
}

std::vector<Ranking> rankings_by_fold(std::span<const PictureCount> pictures, int folds) {
  std::vector<std::vector<std::size_t>> members(static_cast<std::size_t>(folds));
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    members.at(static_cast<std::size_t>(pictures[i].fold - 1)).push_back(i);
  }
  std::vector<Ranking> rankings;
  for (const auto& fold : members) rankings.emplace_back(pictures, fold);
  return rankings;
}

double mean_of_folds(std::span<const double> folds) {
  double sum = 0;
  int defined = 0;
  for (const double fold : folds) {
    if (std::isnan(fold)) continue;
    sum += fold;
    ++defined;
  }
  return defined == 0 ? kUndefined : sum / defined;
}

double mean_average_precision(std::span<const PictureCount> pictures, int folds) {
  const std::vector<std::int32_t> once(pictures.size(), 1);
  std::vector<double> values;
  for (const Ranking& fold : rankings_by_fold(pictures, folds)) {
    values.push_back(fold.average_precision(once));
  }
  return mean_of_folds(values);
}

}  // namespace scrim
