// The average of weights while they are trained: steadier than the last of them.
#pragma once

#include <torch/types.h>

#include <vector>

namespace scrim {

// Exponential average of weights and of batch-norm buffers; over fewer steps at the start, so that
// a short run forgets where it began. Counters are copied.
class Average {
 public:
  Average(std::vector<torch::Tensor> live, double decay);
  void update(int step);
  // Copies the average into the live tensors.
  void install() const;
  // Exchanges the two; a second call undoes it.
  void swap();
  std::vector<torch::Tensor>& tensors() { return average_; }

 private:
  std::vector<torch::Tensor> live_;
  std::vector<torch::Tensor> average_;
  double decay_;
};

}  // namespace scrim
