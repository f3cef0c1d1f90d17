// One stage of training: steps, a schedule, an average of the weights, and a state that survives.
#pragma once

#include <scrim/progress.h>

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

// Exponential average of weights and of batch-norm buffers; what a release is made of.
class Average {
 public:
  Average(std::vector<torch::Tensor> live, double decay);
  void update(int step);
  // Copies the average into the live tensors.
  void install() const;
  std::vector<torch::Tensor>& tensors() { return average_; }

 private:
  std::vector<torch::Tensor> live_;
  std::vector<torch::Tensor> average_;
  double decay_;
};

struct StageOptions {
  std::string name;  // shown in progress, and the name of the state file
  int steps = 1;
  double rate = 1e-3;
  double weight_decay = 1e-4;  // on matrices and kernels only
  bool sgd = false;            // SGD with momentum .9, else AdamW
  double warm_up = 0.02;
  double clip_norm = 10;  // of the gradient
  double average_decay = 0.998;
  std::filesystem::path state;  // file that a stopped stage is resumed from; empty for none
  bool resume = false;
  ProgressFn progress;
  std::stop_token stop;
};

// Minimises loss(step) over `parameters`, then installs the averaged weights and buffers.
//
// The same parameters, options and loss function give the same result, whether in one run or
// stopped and resumed: the state holds weights, buffers, average and optimizer. Throws kUnavailable
// when stopped (state written), kInvalidArgument if the loss stops being finite (the last good
// state is kept).
void run_stage(const StageOptions& options, const std::vector<torch::Tensor>& parameters,
               const std::vector<torch::Tensor>& buffers,
               const std::function<torch::Tensor(int step)>& loss);

}  // namespace scrim
