// What training from random weights has in common, whatever the network.
#pragma once

#include <scrim/learn.h>

#include "learn/task.h"
#include "release/safetensors.h"

#include <torch/torch.h>

#include <functional>
#include <vector>

namespace scrim {

// A network of random weights in training mode, and how it is trained.
struct Untrained {
  std::vector<torch::Tensor> parameters, buffers;
  std::function<Outputs(const torch::Tensor& input)> forward;
  std::function<Safetensors()> weights;  // as they are now
  double weight_decay = 1e-4;
  double average_decay = 0.999;
};

// Seeds, makes the network, trains it for `task` on views of the datasets and writes its averaged
// weights. The options are validated. Throws as run_stage does.
void train_from_scratch(const std::function<Untrained()>& make, const Task& task,
                        const std::vector<Dataset>& datasets, const TrainOptions& options);

}  // namespace scrim
