#include "learn/code.h"

#include "base/check.h"
#include "noise/contract.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr double kDropVariance = 1e-6;  // of the mean variance

std::vector<double> to_vector(const torch::Tensor& tensor) {
  const auto values = tensor.to(torch::kFloat64).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
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

Code closed_form_code(const Moments& activation, const Moments& gradient, Objective objective) {
  const auto [variances, axes] = eigen_rows(activation.covariance());
  const auto kept = (variances > kDropVariance * variances.mean()).nonzero().squeeze(1);
  check(kept.numel() > 0,
        "the activation at the split point is constant: nothing can be sent, and nothing learned");
  const auto deviation = variances.index_select(0, kept).sqrt();
  const auto rows = axes.index_select(0, kept);
  Code code{
      activation.mean(), rows / deviation.unsqueeze(1), (rows * deviation.unsqueeze(1)).t(), {}};
  if (objective == Objective::kUniform) {
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

std::vector<double> allocate(const Code& code, double alpha, Objective objective) {
  const auto channels = code.mean.numel();
  if (objective == Objective::kFisher) return fisher_snr(code.fisher, alpha, channels, kSnrCap).snr;
  const auto directions = static_cast<std::int64_t>(code.fisher.size());
  return std::vector<double>(code.fisher.size(), uniform_snr(alpha, channels, directions));
}

CodeTensors CodeTensors::to(torch::Device device) const {
  return {mean.to(device), basis.to(device), decode.to(device), wiener,
          offset.defined() ? offset.to(device) : offset};
}

torch::Tensor decoded(const Arrived& arrived) {
  return torch::conv2d(arrived.y, arrived.decode.unsqueeze(2).unsqueeze(3), arrived.mean);
}

CodeTensors code_tensors(const Code& code) {
  return {code.mean.to(torch::kFloat32), code.basis.to(torch::kFloat32),
          code.decode.to(torch::kFloat32), code.wiener,
          code.offset.defined() ? code.offset.to(torch::kFloat32) : code.offset};
}

}  // namespace scrim
