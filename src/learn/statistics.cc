#include "learn/statistics.h"

namespace scrim {

void Moments::add(const torch::Tensor& activation) {
  torch::NoGradGuard no_grad;
  const auto cells = activation.detach()
                         .permute({0, 2, 3, 1})
                         .reshape({-1, activation.size(1)})
                         .to(torch::kFloat64);
  const auto outer = torch::mm(cells.t(), cells).to(torch::kCPU);
  const auto sum = cells.sum(0).to(torch::kCPU);
  sum_ = sum_.defined() ? sum_ + sum : sum;
  outer_ = outer_.defined() ? outer_ + outer : outer;
  cells_ += cells.size(0);
}

torch::Tensor Moments::mean() const { return sum_ / static_cast<double>(cells_); }

torch::Tensor Moments::second_moment() const { return outer_ / static_cast<double>(cells_); }

torch::Tensor Moments::covariance() const { return second_moment() - torch::outer(mean(), mean()); }

}  // namespace scrim
