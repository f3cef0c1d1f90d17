#include "learn/allocation.h"

#include "base/check.h"
#include "noise/contract.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr double kDropVariance = 1e-6;  // of the mean variance
constexpr double kSnrCap = 1e4;

std::vector<double> to_vector(const torch::Tensor& tensor) {
  const auto values = tensor.to(torch::kFloat64).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

std::vector<float> to_floats(const torch::Tensor& tensor) {
  const auto values = tensor.to(torch::kFloat32).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

torch::Tensor variances_along(const torch::Tensor& basis, const Moments& pictures) {
  return (torch::mm(basis, pictures.covariance()) * basis).sum(1);
}

// Eigenvectors of a symmetric matrix as rows, largest eigenvalue first. The sign of each is fixed
// by its largest entry, so that a repeated run gives the same code.
std::pair<torch::Tensor, torch::Tensor> eigen_rows(const torch::Tensor& symmetric) {
  const auto [values, vectors] = torch::linalg_eigh(symmetric, "L");
  auto rows = vectors.t().flip(0).contiguous();
  const auto largest = rows.abs().argmax(1, /*keepdim=*/true);
  rows = rows * rows.gather(1, largest).sign();
  return {values.flip(0), rows};
}

}  // namespace

Code closed_form_code(const Moments& activation, const Moments& gradient, Allocation allocation) {
  const auto [variances, axes] = eigen_rows(activation.covariance());
  const auto kept = (variances > kDropVariance * variances.mean()).nonzero().squeeze(1);
  check(kept.numel() > 0,
        "the activation at the split point is constant: nothing can be sent, and nothing learned");
  const auto deviation = variances.index_select(0, kept).sqrt();
  const auto rows = axes.index_select(0, kept);
  Code code{
      activation.mean(), rows / deviation.unsqueeze(1), (rows * deviation.unsqueeze(1)).t(), {}};
  if (allocation == Allocation::kUniform) {
    code.fisher.assign(static_cast<std::size_t>(kept.numel()), 1.0);
    return code;
  }
  // In white space a gradient g becomes decode^T g.
  const auto white = torch::mm(code.decode.t(), torch::mm(gradient.second_moment(), code.decode));
  const auto [fisher, rotation] = eigen_rows(white);
  code.basis = torch::mm(rotation, code.basis);
  code.decode = torch::mm(code.decode, rotation.t());
  code.fisher = to_vector(fisher.clamp_min(0));
  return code;
}

std::vector<double> widen(Code& code, const Moments& other_pictures) {
  const auto factor = variances_along(code.basis, other_pictures).clamp_min(1).sqrt();
  code.basis = code.basis / factor.unsqueeze(1);
  code.decode = code.decode * factor.unsqueeze(0);
  return to_vector(factor);
}

std::vector<double> allocate(const Code& code, double alpha, Allocation allocation) {
  const auto channels = code.mean.numel();
  if (allocation == Allocation::kFisher)
    return fisher_snr(code.fisher, alpha, channels, kSnrCap).snr;
  const auto directions = static_cast<std::int64_t>(code.fisher.size());
  return std::vector<double>(code.fisher.size(), uniform_snr(alpha, channels, directions));
}

GainAndNoise gain_and_noise(double snr) {
  if (snr <= 0) return {0, 0};
  const double gain = snr / (1 + snr);
  return {gain, gain / std::sqrt(snr)};
}

NoiseParameters noise_parameters(const Code& code, const std::vector<double>& alphas,
                                 Allocation allocation, float clip) {
  std::vector<std::vector<double>> snr;
  for (const double alpha : alphas) snr.push_back(allocate(code, alpha, allocation));
  std::vector<std::int64_t> sent;
  for (std::size_t k = 0; k < code.fisher.size(); ++k) {
    if (std::any_of(snr.begin(), snr.end(), [k](const auto& row) { return row[k] > 0; })) {
      sent.push_back(static_cast<std::int64_t>(k));
    }
  }
  const auto index = torch::tensor(sent);
  NoiseParameters noise;
  noise.channels = code.mean.numel();
  noise.directions = static_cast<std::int64_t>(sent.size());
  noise.clip = clip;
  noise.alphas = alphas;
  noise.mean = to_floats(code.mean);
  noise.basis = to_floats(code.basis.index_select(0, index));
  noise.decode = to_floats(code.decode.index_select(1, index));
  for (const auto& row : snr) {
    auto& scale = noise.scale.emplace_back();
    auto& sigma = noise.sigma.emplace_back();
    for (const std::int64_t k : sent) {
      const GainAndNoise one = gain_and_noise(row[static_cast<std::size_t>(k)]);
      scale.push_back(static_cast<float>(one.scale));
      sigma.push_back(static_cast<float>(one.sigma));
    }
  }
  return noise;
}

std::vector<double> direction_variances(const NoiseParameters& noise, const Moments& pictures) {
  return to_vector(variances_along(code_tensors(noise).basis.to(torch::kFloat64), pictures));
}

CodeTensors code_tensors(const NoiseParameters& noise) {
  return {torch::tensor(noise.mean),
          torch::tensor(noise.basis).view({noise.directions, noise.channels}),
          torch::tensor(noise.decode).view({noise.channels, noise.directions})};
}

double realised_alpha(const NoiseParameters& noise, std::size_t row,
                      std::span<const double> variances) {
  std::vector<double> snr;
  for (std::size_t k = 0; k < variances.size(); ++k) {
    const double scale = noise.scale[row][k];
    const double sigma = noise.sigma[row][k];
    snr.push_back(scale > 0 ? variances[k] * scale * scale / (sigma * sigma) : 0);
  }
  return alpha_of(snr, noise.channels);
}

}  // namespace scrim
