#include <scrim/learn.h>

#include "base/check.h"
#include "base/files.h"
#include "learn/stage.h"
#include "learn/task.h"
#include "learn/views.h"
#include "network/faceboxes.h"
#include "release/safetensors.h"

namespace scrim {
namespace {

void check_options(const std::vector<Dataset>& datasets, const TrainDetectorOptions& options) {
  check(!datasets.empty(), "training needs at least 1 dataset, got 0");
  check(!options.output.empty(), "training needs an output file");
  check(options.steps > 0, "steps must be at least 1, got ", options.steps);
  check(options.batch > 1, "batch must be at least 2 for batch norm, got ", options.batch);
  check(options.rate > 0, "rate must be above 0, got ", options.rate);
}

}  // namespace

void train_detector(const std::vector<Dataset>& datasets, const TrainDetectorOptions& options) {
  check_options(datasets, options);
  torch::set_num_threads(options.threads);
  torch::manual_seed(options.seed);
  const Pictures pictures(datasets);
  WindowOptions window;
  window.size = options.window;
  window.scale = options.scale;
  window.zoom = options.zoom;
  const Views views(pictures, window, options.seed);

  FaceBoxes network;
  network->train();
  for (auto& parameter : network->parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
  }

  StageOptions stage;
  stage.name = "train";
  stage.steps = options.steps;
  stage.average_decay = 0.999;
  stage.warm_up = 0.04;
  stage.state = options.output.string() + ".state";
  stage.resume = options.resume;
  stage.progress = options.progress;
  stage.stop = options.stop;

  std::future<ViewBatch> next;
  int next_step = -1;
  const auto task = detection_task(options.window);
  const ParameterGroup all{network->parameters(), options.rate, 1e-4};
  run_stage(stage, {all}, network->buffers(), [&](int step) {
    const std::int64_t first = static_cast<std::int64_t>(step) * options.batch;
    const ViewBatch batch = next_step == step ? next.get() : views.draw(first, options.batch);
    next = views.prefetch(first + options.batch, options.batch);
    next_step = step + 1;
    const auto [loc, logits] =
        network->forward(batch.input.contiguous(torch::MemoryFormat::ChannelsLast));
    return task->loss({loc, logits}, batch.labels);
  });
  write_safetensors(options.output, weights_of(network));
  std::filesystem::remove(stage.state);
}

}  // namespace scrim
