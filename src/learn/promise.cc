#include "learn/promise.h"

#include <cmath>

namespace scrim {
namespace {

constexpr double kBitsTolerance = 1.02;  // of the promised bits, on held-out pictures

void measure(Promise& promise, const Moments& held_out, const torch::Tensor& cells) {
  NoiseParameters& noise = promise.noise;
  const auto variances = direction_variances(noise, held_out);
  noise.held_out_variance.assign(variances.begin(), variances.end());
  noise.held_out_covariance = direction_covariance(noise, held_out);
  for (std::size_t row = 0; row < noise.alphas.size(); ++row) {
    promise.realised_alphas.push_back(realised_alpha(noise, row, variances));
    promise.realised_joint_alphas.push_back(realised_joint_alpha(noise, row, held_out));
    promise.cell_norms.push_back(cell_norms(noise, row, cells));
    noise.held_out_cell_norm.push_back(static_cast<float>(promise.cell_norms.back().p999));
  }
}

bool bits_exceed(const Promise& promise) {
  for (std::size_t row = 0; row < promise.realised_alphas.size(); ++row) {
    if (std::log(promise.realised_alphas[row]) <
        kBitsTolerance * std::log(promise.noise.alphas[row]))
      return true;
  }
  return false;
}

}  // namespace

Promise make_promise(const Obfuscator& obfuscator, const std::vector<double>& alphas, float clip,
                     const Moments& margin, const Moments& held_out,
                     const torch::Tensor& held_out_cells) {
  std::vector<std::vector<double>> snr;
  for (const double alpha : alphas) snr.push_back(obfuscator.snr(alpha));
  Code code = obfuscator.code();
  widen(code, margin);
  const auto promise_of = [&] {
    Promise promise{noise_parameters(code, alphas, snr, clip), {}, {}, {}};
    measure(promise, held_out, held_out_cells);
    return promise;
  };
  Promise promise = promise_of();
  if (!bits_exceed(promise)) return promise;
  widen(code, held_out);
  return promise_of();
}

}  // namespace scrim
