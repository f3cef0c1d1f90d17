#include "learn/training_noise.h"

#include "base/random.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr double kRampFrom = 0.2;
constexpr double kRampShare = 0.3;
constexpr int kGrid = 64;  // alphas whose spectra are made once

enum Purpose : std::uint64_t { kNoisePurpose = 12, kAlphaPurpose = 13 };

double logit(double p) { return std::log(p / (1 - p)); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<double> grid_of(const std::vector<double>& alphas) {
  const double last = logit(alphas.back());
  const double first =
      alphas.size() == 1 ? std::min(logit(kRampFrom), last) : logit(alphas.front());
  std::vector<double> grid;
  for (int i = 0; i < kGrid; ++i)
    grid.push_back(logistic(first + (last - first) * i / (kGrid - 1)));
  return grid;
}

torch::Tensor as_table(const std::vector<std::vector<float>>& rows) {
  std::vector<torch::Tensor> tensors;
  for (const auto& row : rows) tensors.push_back(torch::tensor(row));
  return torch::stack(tensors);
}

}  // namespace

TrainingNoise::TrainingNoise(const Code& code, const std::vector<double>& alphas,
                             Allocation allocation, float clip, int steps, std::uint64_t seed)
    : single_(alphas.size() == 1), clip_(clip), steps_(steps), seed_(seed) {
  const NoiseParameters grid = noise_parameters(code, grid_of(alphas), allocation, clip);
  code_ = code_tensors(grid);
  scale_ = as_table(grid.scale);
  sigma_ = as_table(grid.sigma);
}

torch::Tensor TrainingNoise::draw_rows(int step, std::int64_t count) const {
  Random random(seed_, kAlphaPurpose, static_cast<std::uint64_t>(step));
  const double ramp = std::min(1.0, step / std::max(1.0, kRampShare * steps_));
  std::vector<std::int64_t> rows;
  for (std::int64_t i = 0; i < count; ++i) {
    const double share = single_ ? ramp : random.share();
    rows.push_back(std::min<std::int64_t>(kGrid - 1, static_cast<std::int64_t>(share * kGrid)));
  }
  return torch::tensor(rows);
}

torch::Tensor TrainingNoise::operator()(const torch::Tensor& activation, int step) const {
  const auto rows = draw_rows(step, activation.size(0));
  const auto per_channel = [&](const torch::Tensor& table) {
    return table.index_select(0, rows).unsqueeze(2).unsqueeze(3);
  };
  const auto bias = -torch::mv(code_.basis, code_.mean);
  const auto y =
      torch::conv2d(activation, code_.basis.unsqueeze(2).unsqueeze(3), bias).clamp(-clip_, clip_);
  torch::manual_seed(Random(seed_, kNoisePurpose, static_cast<std::uint64_t>(step)).bits());
  const auto noisy = per_channel(scale_) * y + per_channel(sigma_) * torch::randn(y.sizes());
  return torch::conv2d(noisy.contiguous(torch::MemoryFormat::ChannelsLast),
                       code_.decode.unsqueeze(2).unsqueeze(3), code_.mean);
}

}  // namespace scrim
