#include "learn/nuisance.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr double kShare = 0.2;       // of a batch in the average
constexpr double kRidge = 1e-3;      // added to the sums of squares of what is known
constexpr std::int64_t kFewest = 4;  // cells a number that is known of them

// The covariance of what least squares on `known` and a constant leaves of the rows of y.
torch::Tensor unexplained(const torch::Tensor& y, const torch::Tensor& known) {
  const auto all = torch::cat({known, torch::ones({known.size(0), 1}, known.options())}, 1);
  const auto gram = all.t().mm(all) + kRidge * torch::eye(all.size(1), all.options());
  const auto map = at::linalg_solve(gram, all.t().mm(y), /*left=*/true);
  const auto left = y - all.mm(map);
  return left.t().mm(left) / static_cast<double>(y.size(0) - all.size(1));
}

}  // namespace

Nuisance::Nuisance(std::int64_t groups, std::int64_t directions)
    : covariance_(torch::zeros({groups, directions, directions}, torch::kFloat64)),
      batches_(torch::zeros({groups}, torch::kInt64)) {}

torch::Tensor Nuisance::told(const Sent& sent, const std::vector<AnswerCells>& cells,
                             const torch::Tensor& alphas, std::int64_t channels) {
  const auto directions = sent.signal.size(1);
  const auto y = sent.signal.permute({0, 2, 3, 1}).reshape({-1, directions});
  const auto amplitude = sent.snr.to(torch::kCPU, torch::kFloat64).clamp_min(1e-12).sqrt();
  const auto capacity = -alphas.log() * (static_cast<double>(channels) / 2);
  auto total = torch::zeros({}, torch::kFloat64);
  for (std::size_t group = 0; group < cells.size(); ++group) {
    const AnswerCells& about = cells[group];
    if (about.cells.numel() < kFewest * (about.known.size(1) + 1)) continue;
    const auto chosen = y.index_select(0, about.cells.to(y.device()));
    const auto here =
        unexplained(chosen.to(torch::kCPU, torch::kFloat64), about.known.to(torch::kFloat64));
    const auto place = static_cast<std::int64_t>(group);
    const auto kept = covariance_[place];
    {
      const torch::NoGradGuard no_grad;
      const auto before = batches_[place].item<std::int64_t>();
      const double share = std::max(kShare, 1.0 / static_cast<double>(before + 1));
      kept.lerp_(here.detach(), share);
      batches_[place] += 1;
    }
    // The value of the average, the gradient of this batch.
    const auto nuisance = kept.detach().clone() + here - here.detach();
    const auto told = amplitude.unsqueeze(2) * nuisance * amplitude.unsqueeze(1) +
                      torch::eye(directions, torch::kFloat64);
    const auto nats = at::linalg_cholesky(told).diagonal(0, 1, 2).log().sum(1);
    total = total + about.cells_per_answer * (nats / capacity).mean();
  }
  return total;
}

}  // namespace scrim
