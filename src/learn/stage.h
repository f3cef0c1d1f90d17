// One stage of training: steps, a schedule, an average of the weights, and a state that survives.
#pragma once

#include <scrim/status.h>

#include "network/average.h"

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// Warm-up, then a cosine down to a hundredth of the rate.
struct Schedule {
  double rate = 1e-3;
  int steps = 1;
  double warm_up = 0.02;  // share of the steps

  double at(int step) const;
};

// Tensors that are trained at one rate.
struct ParameterGroup {
  std::vector<torch::Tensor> tensors;
  double rate = 1e-3;
  double weight_decay = 0;  // on matrices and kernels only
  bool clipped = true;      // counts in the gradient's norm, and is clipped with it
};

// What the stage is measured by now and then. An epoch is `steps` steps.
struct Validation {
  int steps = 0;                  // 0 for no validation
  int patience = 0;               // 0 for never stopping early
  double least_gain = 0.001;      // that counts as better
  std::string metric;             // the score's short name, as in "AP"
  std::function<double()> score;  // with the averaged weights in place
};

struct StageOptions {
  std::string name;  // shown in progress, and the name of the state file
  int steps = 1;
  bool sgd = false;  // SGD with momentum .9, else AdamW
  double warm_up = 0.02;
  double clip_norm = 10;  // of the gradient
  double average_decay = 0.998;
  Validation validation;
  std::function<void(int step)> after_step;  // may be empty
  std::string figures;                       // shown behind the loss
  std::filesystem::path state;  // file that a stopped stage is resumed from; empty for none
  bool resume = false;
  ProgressFn progress;
  std::stop_token stop;
};

// The course of a stage: after each epoch the step, the smoothed loss and the score.
struct EpochRecord {
  int step;
  double loss, score;
};
struct StageResult {
  std::vector<EpochRecord> epochs;
  int steps = 0;  // fewer than asked for if it stopped early
};

// Minimises loss(step) over `groups`, then installs the averaged weights and buffers.
//
// The same parameters, options and loss function give the same result, whether in one run or
// stopped and resumed: the state holds weights, buffers, average, optimizer and record. Ends early
// when `patience` epochs in a row brought no better score. Throws kUnavailable when stopped (state
// written), kInvalidArgument if the loss stops being finite (the last good state is kept).
StageResult run_stage(const StageOptions& options, const std::vector<ParameterGroup>& groups,
                      const std::vector<torch::Tensor>& buffers,
                      const std::function<torch::Tensor(int step)>& loss);

}  // namespace scrim
