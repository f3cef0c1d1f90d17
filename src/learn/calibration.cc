#include "learn/calibration.h"

#include "noise/contract.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

std::vector<float> to_floats(const torch::Tensor& tensor) {
  const auto values = tensor.to(torch::kFloat32).contiguous();
  return {values.data_ptr<float>(), values.data_ptr<float>() + values.numel()};
}

std::vector<double> to_doubles(const torch::Tensor& tensor) {
  const auto values = tensor.to(torch::kFloat64).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

torch::Tensor basis_of(const NoiseParameters& noise) {
  return torch::tensor(noise.basis, torch::kFloat64).view({noise.directions, noise.channels});
}

std::vector<std::int64_t> directions_with_bits(const std::vector<std::vector<double>>& snr) {
  std::vector<std::int64_t> sent;
  for (std::size_t k = 0; k < snr.front().size(); ++k) {
    if (std::any_of(snr.begin(), snr.end(), [k](const auto& row) { return row[k] > 0; })) {
      sent.push_back(static_cast<std::int64_t>(k));
    }
  }
  return sent;
}

// (sigma / scale)^2 of a direction: the noise against a signal of variance 1.
double noise_variance(const NoiseParameters& noise, std::size_t row, std::size_t k) {
  const double ratio = static_cast<double>(noise.sigma[row][k]) / noise.scale[row][k];
  return ratio * ratio;
}

}  // namespace

GainAndNoise gain_and_noise(double snr, bool wiener) {
  if (snr <= 0) return {0, 0};
  const double gain = wiener ? snr / (1 + snr) : 1;
  return {gain, gain / std::sqrt(snr)};
}

NoiseParameters noise_parameters(const Code& code, const std::vector<double>& alphas,
                                 const std::vector<std::vector<double>>& snr, float clip) {
  const auto sent = directions_with_bits(snr);
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
      const auto one = gain_and_noise(row[static_cast<std::size_t>(k)], code.wiener);
      scale.push_back(static_cast<float>(one.scale));
      sigma.push_back(static_cast<float>(one.sigma));
    }
  }
  return noise;
}

std::vector<double> direction_variances(const NoiseParameters& noise, const Moments& pictures) {
  const auto basis = basis_of(noise);
  return to_doubles((basis.mm(pictures.covariance()) * basis).sum(1));
}

std::vector<float> direction_covariance(const NoiseParameters& noise, const Moments& pictures) {
  const auto basis = basis_of(noise);
  return to_floats(basis.mm(pictures.covariance()).mm(basis.t()));
}

double realised_alpha(const NoiseParameters& noise, std::size_t row,
                      std::span<const double> variances) {
  std::vector<double> snr;
  for (std::size_t k = 0; k < variances.size(); ++k) {
    snr.push_back(noise.scale[row][k] > 0 ? variances[k] / noise_variance(noise, row, k) : 0);
  }
  return alpha_of(snr, noise.channels);
}

double realised_joint_alpha(const NoiseParameters& noise, std::size_t row,
                            const Moments& pictures) {
  std::vector<std::int64_t> sent;
  std::vector<double> variances;
  for (std::size_t k = 0; k < noise.scale[row].size(); ++k) {
    if (noise.scale[row][k] <= 0) continue;
    sent.push_back(static_cast<std::int64_t>(k));
    variances.push_back(noise_variance(noise, row, k));
  }
  if (sent.empty()) return 1;
  const auto basis = basis_of(noise).index_select(0, torch::tensor(sent));
  const auto covariance = to_doubles(basis.mm(pictures.covariance()).mm(basis.t()));
  return joint_alpha(covariance, variances, noise.channels);
}

CellNorms cell_norms(const NoiseParameters& noise, std::size_t row,
                     const torch::Tensor& activation) {
  const torch::NoGradGuard no_grad;
  std::vector<float> inverse;
  for (std::size_t k = 0; k < noise.scale[row].size(); ++k) {
    const bool sent = noise.scale[row][k] > 0;
    inverse.push_back(sent ? noise.scale[row][k] / noise.sigma[row][k] : 0);
  }
  const auto weight = basis_of(noise).to(torch::kFloat32);
  const auto bias = -torch::mv(weight, torch::tensor(noise.mean));
  const auto y = torch::conv2d(activation, weight.unsqueeze(2).unsqueeze(3), bias)
                     .clamp(-noise.clip, noise.clip);
  const auto norms =
      (y * torch::tensor(inverse).view({1, -1, 1, 1})).square().sum(1).sqrt().flatten();
  const auto sorted = std::get<0>(norms.sort());
  const auto at = [&sorted](double share) {
    const auto last = static_cast<double>(sorted.numel() - 1);
    return sorted[static_cast<std::int64_t>(std::lround(share * last))].item<double>();
  };
  return {at(0.5), at(0.99), at(0.999), at(1)};
}

}  // namespace scrim
