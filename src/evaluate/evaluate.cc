#include <scrim/evaluate.h>

#include "base/check.h"
#include "evaluate/pipeline.h"
#include "evaluate/score.h"
#include "network/threads.h"

#include <chrono>
#include <optional>

namespace scrim {

Evaluation evaluate(const Detector& detector, const Dataset& dataset,
                    const EvaluateOptions& options) {
  options.validate();
  const MatchRules rules = match_rules(options);
  check_faces(dataset, rules);
  const auto start = std::chrono::steady_clock::now();
  const auto& samples = dataset.samples();
  std::vector<std::optional<PictureCount>> counts(samples.size());
  const PipelineStages stages = {
      .prepare = [&](const Sample& sample) { return detector.prepare(read_image(sample.path)); },
      .process =
          [&](std::size_t index, const Tensor& input) {
            // The other cores have pictures of their own.
            const OneThreadEach one_thread;
            counts[index] = count_picture(detector.run(input), samples[index], rules);
          }};
  const auto skipped =
      run_pipeline(samples, stages,
                   {.strict = options.strict,
                    .workers = worker_count(options.workers, samples.size()),
                    .stage = detector.is_noisy() ? "evaluate, noisy" : "evaluate, clean",
                    .progress = options.progress,
                    .stop = options.stop});

  std::vector<PictureCount> scored;
  for (auto& count : counts) {
    if (count) scored.push_back(std::move(*count));
  }
  if (scored.empty()) {
    fail(ErrorCode::kNotFound, "none of ", samples.size(), " pictures could be read; ", skipped[0]);
  }
  Evaluation evaluation = summarise(scored, dataset.folds(), options);
  evaluation.protocol += sentence(", pictures enlarged ", detector.options().input.scale,
                                  " times, scores over ", detector.options().threshold);
  evaluation.skipped = skipped;
  evaluation.alpha = detector.alpha();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  evaluation.seconds = elapsed.count();
  return evaluation;
}

}  // namespace scrim
