// What the closed forms need to know of an activation: mean, covariance, and where the task looks.
#pragma once

#include <torch/torch.h>

namespace scrim {

// Second moments over the cells of many activations, in float64, kept in the processor's memory.
class Moments {
 public:
  // activation: B x N x H x W.
  void add(const torch::Tensor& activation);

  std::int64_t cells() const { return cells_; }
  torch::Tensor mean() const;           // N
  torch::Tensor covariance() const;     // N x N, about the mean
  torch::Tensor second_moment() const;  // N x N, about zero

 private:
  std::int64_t cells_ = 0;
  torch::Tensor sum_;    // N
  torch::Tensor outer_;  // N x N
};

}  // namespace scrim
