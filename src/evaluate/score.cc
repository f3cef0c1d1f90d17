#include "evaluate/score.h"

#include "base/check.h"
#include "evaluate/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace scrim {
namespace {

std::string protocol_of(const EvaluateOptions& options) {
  const std::string counted =
      options.min_height > 0
          ? sentence(", faces lower than ", options.min_height, " px neither help nor hurt")
          : ", all faces";
  return sentence("PASCAL average precision under the full precision envelope, IoU at least ",
                  options.iou, counted, ", boxes not clipped");
}

void check_some_face(std::int64_t faces, const MatchRules& rules) {
  check(faces > 0, "no face of at least ", rules.min_height, " px is annotated: nothing to score");
}

}  // namespace

void EvaluateOptions::validate() const {
  check(iou > 0 && iou <= 1, "iou must be in (0, 1], got ", iou);
  check(min_height >= 0 && std::isfinite(min_height), "min_height must be at least 0 px, got ",
        min_height);
  check(bootstrap >= 0, "bootstrap must be at least 0 resamplings, got ", bootstrap);
  check(workers >= 0, "workers must be at least 0, got ", workers);
}

MatchRules match_rules(const EvaluateOptions& options) {
  return {.iou = options.iou, .min_height = options.min_height};
}

void check_faces(const Dataset& dataset, const MatchRules& rules) {
  std::int64_t faces = 0;
  for (const Sample& sample : dataset.samples()) faces += count_picture({}, sample, rules).faces;
  check_some_face(faces, rules);
}

Evaluation summarise(std::span<const PictureCount> pictures, int folds,
                     const EvaluateOptions& options) {
  std::vector<std::size_t> everything(pictures.size());
  std::iota(everything.begin(), everything.end(), std::size_t{0});
  const Ranking pooled(pictures, everything);
  check_some_face(pooled.faces(), match_rules(options));

  const std::vector<Ranking> rankings = rankings_by_fold(pictures, folds);
  const std::vector<std::int32_t> once(pictures.size(), 1);
  Evaluation evaluation;
  evaluation.protocol = protocol_of(options);
  for (const Ranking& fold : rankings) evaluation.folds.push_back(fold.average_precision(once));
  evaluation.mean_average_precision = mean_of_folds(evaluation.folds);
  evaluation.pooled_average_precision = pooled.average_precision(once);
  evaluation.max_recall = pooled.max_recall();
  evaluation.pictures = static_cast<std::int64_t>(pictures.size());
  evaluation.faces = pooled.faces();
  evaluation.resamplings = options.bootstrap;
  if (options.bootstrap > 0) {
    const Interval interval = bootstrap_interval(
        rankings, pictures.size(), {.resamplings = options.bootstrap, .seed = options.seed});
    evaluation.interval_low = interval.low;
    evaluation.interval_high = interval.high;
  }
  return evaluation;
}

Evaluation score(const DetectionsByName& detections, const Dataset& dataset,
                 const EvaluateOptions& options) {
  options.validate();
  const MatchRules rules = match_rules(options);
  const auto& samples = dataset.samples();
  const auto is_named = [&](const Sample& sample) { return detections.contains(sample.name); };
  check(std::any_of(samples.begin(), samples.end(), is_named),
        "the detections name none of the dataset's ", samples.size(), " pictures");
  std::vector<PictureCount> counts;
  for (const Sample& sample : samples) {
    const auto found = detections.find(sample.name);
    const bool is_missing = found == detections.end();
    if (is_missing && options.strict) {
      fail(ErrorCode::kNotFound, "the detections do not name the picture ", sample.name);
    }
    counts.push_back(is_missing ? count_picture({}, sample, rules)
                                : count_picture(found->second, sample, rules));
  }
  return summarise(counts, dataset.folds(), options);
}

}  // namespace scrim
