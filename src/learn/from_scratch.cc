#include "learn/from_scratch.h"

#include "learn/stage.h"
#include "learn/views.h"

namespace scrim {
namespace {

WindowOptions window_of(const TrainOptions& options) {
  WindowOptions window;
  window.size = options.window;
  window.scale = options.scale;
  window.zoom = options.zoom;
  return window;
}

StageOptions stage_of(const TrainOptions& options, double average_decay) {
  StageOptions stage;
  stage.name = "train";
  stage.steps = options.steps;
  stage.average_decay = average_decay;
  stage.warm_up = 0.04;
  stage.state = options.output.string() + ".state";
  stage.resume = options.resume;
  stage.progress = options.progress;
  stage.stop = options.stop;
  return stage;
}

}  // namespace

void train_from_scratch(const std::function<Untrained()>& make, const Task& task,
                        const std::vector<Dataset>& datasets, const TrainOptions& options) {
  torch::set_num_threads(options.threads);
  torch::manual_seed(options.seed);
  const Pictures pictures(datasets);
  const Views views(pictures, window_of(options), options.seed);
  ViewsAhead ahead(views);
  const Untrained network = make();
  const StageOptions stage = stage_of(options, network.average_decay);
  const ParameterGroup all{network.parameters, options.rate, network.weight_decay};
  run_stage(stage, {all}, network.buffers, [&](int step) {
    const ViewBatch batch =
        ahead.take(static_cast<std::int64_t>(step) * options.batch, options.batch);
    return task.loss(network.forward(batch.input), batch.labels);
  });
  write_safetensors(options.output, network.weights());
  std::filesystem::remove(stage.state);
}

}  // namespace scrim
