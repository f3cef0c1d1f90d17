#include <scrim/learn.h>

#include "base/check.h"
#include "base/files.h"
#include "learn/stage.h"
#include "learn/task.h"
#include "learn/views.h"
#include "network/small_classifier.h"

namespace scrim {
namespace {

void check_options(const Dataset& dataset, const TrainClassifierOptions& options) {
  check(dataset.classes().size() >= 2, "a classifier needs at least 2 classes, ",
        dataset.folder().string(), " has ", dataset.classes().size(), " (layout ", dataset.layout(),
        ")");
  check(!options.output.empty(), "training needs an output file");
  check(options.steps > 0, "steps must be at least 1, got ", options.steps);
  check(options.batch > 1, "batch must be at least 2 for batch norm, got ", options.batch);
  check(options.rate > 0, "rate must be above 0, got ", options.rate);
  check(options.scale > 0, "scale must be above 0, got ", options.scale);
  check(options.zoom >= 0, "zoom must be at least 0, got ", options.zoom);
}

WindowOptions window_options(const TrainClassifierOptions& options) {
  WindowOptions window;
  window.size = options.window;
  window.scale = options.scale;
  window.zoom = options.zoom;
  return window;
}

StageOptions stage_options(const TrainClassifierOptions& options) {
  StageOptions stage;
  stage.name = "train";
  stage.steps = options.steps;
  stage.average_decay = 0.99;
  stage.warm_up = 0.04;
  stage.state = options.output.string() + ".state";
  stage.resume = options.resume;
  stage.progress = options.progress;
  stage.stop = options.stop;
  return stage;
}

}  // namespace

void train_classifier(const Dataset& dataset, const TrainClassifierOptions& options) {
  check_options(dataset, options);
  torch::set_num_threads(options.threads);
  torch::manual_seed(options.seed);
  const Pictures pictures({dataset});
  const Views views(pictures, window_options(options), options.seed);
  SmallClassifier network(dataset.classes());
  network->train();

  std::future<ViewBatch> next;
  int next_step = -1;
  const StageOptions stage = stage_options(options);
  const auto task = task_of(dataset, options.window);
  const ParameterGroup all{network->parameters(), options.rate, 1e-3};
  run_stage(stage, {all}, network->buffers(), [&](int step) {
    const std::int64_t first = static_cast<std::int64_t>(step) * options.batch;
    const ViewBatch batch = next_step == step ? next.get() : views.draw(first, options.batch);
    next = views.prefetch(first + options.batch, options.batch);
    next_step = step + 1;
    return task->loss({network->forward(batch.input)}, batch.labels);
  });
  write_safetensors(options.output, weights_of(network));
  std::filesystem::remove(stage.state);
}

}  // namespace scrim
