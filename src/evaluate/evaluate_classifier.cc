#include <scrim/evaluate.h>

#include "base/check.h"
#include "evaluate/pipeline.h"
#include "evaluate/score.h"
#include "network/threads.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace scrim {
namespace {

// The place among the classifier's outputs of each class of the dataset.
std::vector<std::size_t> outputs_of(const std::vector<std::string>& known, const Dataset& dataset) {
  const auto& classes = dataset.classes();
  std::vector<std::size_t> outputs;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto found = std::find(known.begin(), known.end(), classes[i]);
    check(known.empty() || found != known.end(), "the classifier knows no class '", classes[i],
          "' of ", dataset.folder().string());
    outputs.push_back(known.empty() ? i : static_cast<std::size_t>(found - known.begin()));
  }
  return outputs;
}

// A picture counts as one face that is found or not: the average precision of such a run, in which
// nothing is a false positive, is the share that is found, which is the accuracy.
PictureCount count(const std::vector<double>& probabilities, std::size_t wanted, int fold) {
  check(wanted < probabilities.size(), "the dataset has a class number ", wanted,
        ", and the classifier ", probabilities.size(), " classes");
  const auto best = std::max_element(probabilities.begin(), probabilities.end());
  const bool correct = static_cast<std::size_t>(best - probabilities.begin()) == wanted;
  PictureCount result{.fold = fold, .faces = 1, .detections = {}};
  if (correct) result.detections.push_back({1, true});
  return result;
}

ClassifierEvaluation outcome_of(const std::vector<PictureCount>& counts, const Dataset& dataset,
                                const EvaluateOptions& options) {
  const Evaluation summary = summarise(counts, dataset.folds(), options);
  ClassifierEvaluation outcome;
  outcome.folds = summary.folds;
  outcome.mean_accuracy = summary.mean_average_precision;
  outcome.pooled_accuracy = summary.pooled_average_precision;
  outcome.interval_low = summary.interval_low;
  outcome.interval_high = summary.interval_high;
  outcome.resamplings = summary.resamplings;
  outcome.pictures = summary.pictures;
  outcome.classes = static_cast<std::int64_t>(dataset.classes().size());
  return outcome;
}

}  // namespace

ClassifierEvaluation evaluate(const Classifier& classifier, const Dataset& dataset,
                              const EvaluateOptions& options) {
  options.validate();
  check(!dataset.classes().empty(), dataset.folder().string(), " (layout ", dataset.layout(),
        ") has no classes to score a classifier on");
  const auto outputs = outputs_of(classifier.options().classes, dataset);
  const auto start = std::chrono::steady_clock::now();
  const auto& samples = dataset.samples();
  std::vector<std::optional<PictureCount>> counts(samples.size());
  const PipelineStages stages = {
      .prepare = [&](const Sample& sample) { return classifier.prepare(read_image(sample.path)); },
      .process =
          [&](std::size_t index, const Tensor& input) {
            const OneThreadEach one_thread;
            const auto label = static_cast<std::size_t>(samples[index].label.value());
            counts[index] = count(classifier.run(input), outputs.at(label), samples[index].fold);
          }};
  const auto skipped =
      run_pipeline(samples, stages,
                   {.strict = options.strict,
                    .workers = worker_count(options.workers, samples.size()),
                    .stage = classifier.is_noisy() ? "evaluate, noisy" : "evaluate, clean",
                    .progress = options.progress,
                    .stop = options.stop});

  std::vector<PictureCount> scored;
  for (auto& one : counts) {
    if (one) scored.push_back(std::move(*one));
  }
  if (scored.empty()) {
    fail(ErrorCode::kNotFound, "none of ", samples.size(), " pictures could be read; ", skipped[0]);
  }
  ClassifierEvaluation outcome = outcome_of(scored, dataset, options);
  outcome.protocol = sentence(
      "share of the pictures whose most probable class is theirs, pictures "
      "enlarged ",
      classifier.options().input.scale, " times");
  outcome.skipped = skipped;
  outcome.alpha = classifier.alpha();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  outcome.seconds = elapsed.count();
  return outcome;
}

}  // namespace scrim
