#include "learn/training_record.h"

#include "base/json.h"

namespace scrim {
namespace {

Json epochs_of(const StageResult& stage) {
  Json epochs = Json::array();
  for (const EpochRecord& epoch : stage.epochs) {
    epochs.push_back({{"step", epoch.step}, {"loss", epoch.loss}, {"score", epoch.score}});
  }
  return epochs;
}

Json norms_of(const Promise& promise) {
  Json norms = Json::array();
  for (const CellNorms& row : promise.cell_norms) {
    norms.push_back(
        {{"median", row.median}, {"p99", row.p99}, {"p999", row.p999}, {"most", row.most}});
  }
  return norms;
}

}  // namespace

std::string training_record(const LearnOptions& options, const Promise& promise,
                            const TrainingCourse& course) {
  const Json record = {{"objective", objective_name(options.objective)},
                       {"alphas", options.alphas},
                       {"realised_alphas", promise.realised_alphas},
                       {"realised_joint_alphas", promise.realised_joint_alphas},
                       {"cell_norms", norms_of(promise)},
                       {"validation",
                        {{"metric", course.metric},
                         {"pictures", course.validation_pictures},
                         {"scores", course.scores}}},
                       {"directions", promise.noise.directions},
                       {"channels", promise.noise.channels},
                       {"encoder", options.encoder},
                       {"distil", options.distil},
                       {"nuisance", options.nuisance},
                       {"clip", options.clip},
                       {"pictures", course.pictures},
                       {"skipped", course.skipped},
                       {"adapt_steps", options.adapt_steps},
                       {"tail_steps", options.tail_steps},
                       {"adapt_epochs", epochs_of(course.adapted)},
                       {"tail_epochs", epochs_of(course.tail)},
                       {"batch", kBatch},
                       {"window", options.window},
                       {"views_per_picture", options.views},
                       {"statistics_views", options.statistics_views},
                       {"seed", options.seed}};
  return record.dump(2) + "\n";
}

}  // namespace scrim
