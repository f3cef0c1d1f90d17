#include "audit/information.h"

#include "base/check.h"

#include <opencv2/core.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace scrim {
namespace {

// Directions that send anything: places, and scale / sigma.
struct Sent {
  std::vector<std::size_t> direction;
  std::vector<double> gain;
};

Sent sent_directions(const NoiseParameters& noise, std::size_t alpha_index) {
  check(alpha_index < noise.alphas.size() && noise.scale.size() == noise.alphas.size() &&
            noise.sigma.size() == noise.alphas.size(),
        "the noise has ", noise.alphas.size(), " alphas, asked for place ", alpha_index);
  Sent sent;
  const std::vector<float>& sigma = noise.sigma[alpha_index];
  for (std::size_t k = 0; k < sigma.size(); ++k) {
    if (noise.scale[alpha_index].at(k) <= 0) continue;
    sent.direction.push_back(k);
    sent.gain.push_back(static_cast<double>(noise.scale[alpha_index][k]) / sigma[k]);
  }
  return sent;
}

std::size_t cells_of(const NoiseParameters& noise, const Tensor& activation) {
  const Shape& shape = activation.shape;
  check(shape.size() == 4 && shape[0] == 1 && shape[1] == noise.directions &&
            element_count(shape) > 0 &&
            element_count(shape) == static_cast<std::int64_t>(activation.values.size()),
        "an activation must be 1 x ", noise.directions, " x H x W, got ", shape.size(),
        " dimensions and ", activation.values.size(), " values");
  return static_cast<std::size_t>(shape[2] * shape[3]);
}

// The signal of one cell in deviations of its noise, one value a direction that is sent.
void signal_at(const NoiseParameters& noise, const Sent& sent, const Tensor& activation,
               std::size_t cells, std::size_t cell, std::span<double> signal) {
  for (std::size_t i = 0; i < signal.size(); ++i) {
    const float value = activation.values[sent.direction[i] * cells + cell];
    signal[i] = sent.gain[i] * std::clamp(value, -noise.clip, noise.clip);
  }
}

cv::Mat covariance(const NoiseParameters& noise, const Sent& sent,
                   std::span<const Tensor> activations) {
  const int size = static_cast<int>(sent.direction.size());
  cv::Mat products = cv::Mat::zeros(size, size, CV_64F), sums = cv::Mat::zeros(size, 1, CV_64F);
  double count = 0;
  for (const Tensor& activation : activations) {
    const std::size_t cells = cells_of(noise, activation);
    cv::Mat signals(static_cast<int>(cells), size, CV_64F), one, total;
    for (std::size_t cell = 0; cell < cells; ++cell) {
      signal_at(noise, sent, activation, cells, cell,
                {signals.ptr<double>(static_cast<int>(cell)), sent.direction.size()});
    }
    cv::mulTransposed(signals, one, true);
    cv::reduce(signals, total, 0, cv::REDUCE_SUM);
    products += one;
    sums += total.t();
    count += static_cast<double>(cells);
  }
  return products / count - sums * sums.t() / (count * count);
}

double binary_entropy(double p) {
  if (p <= 0 || p >= 1) return 0;
  return -p * std::log2(p) - (1 - p) * std::log2(1 - p);
}

}  // namespace

BitsPerElement measured_bits(const NoiseParameters& noise, std::size_t alpha_index,
                             std::span<const Tensor> activations) {
  check(!activations.empty() && noise.channels > 0, "bits need activations, got none");
  const Sent sent = sent_directions(noise, alpha_index);
  if (sent.direction.empty()) return {};
  const cv::Mat signal = covariance(noise, sent, activations);
  const cv::Mat total = signal + cv::Mat::eye(signal.size(), CV_64F);
  cv::Mat eigenvalues;
  cv::eigen(total, eigenvalues);  // symmetric, all at least 1
  BitsPerElement bits;
  for (int k = 0; k < total.rows; ++k) {
    bits.diagonal += std::log2(total.at<double>(k, k));
    bits.joint += std::log2(std::max(1.0, eigenvalues.at<double>(k)));
  }
  const double elements = 2 * static_cast<double>(noise.channels);
  return {bits.diagonal / elements, bits.joint / elements};
}

std::vector<double> cell_norms(const NoiseParameters& noise, std::size_t alpha_index,
                               const Tensor& activation) {
  const Sent sent = sent_directions(noise, alpha_index);
  const std::size_t cells = cells_of(noise, activation);
  std::vector<double> norms, signal(sent.direction.size());
  for (std::size_t cell = 0; cell < cells; ++cell) {
    signal_at(noise, sent, activation, cells, cell, signal);
    double square = 0;
    for (const double value : signal) square += value * value;
    norms.push_back(std::sqrt(square));
  }
  return norms;
}

double release_distance(const NoiseParameters& noise, std::size_t alpha_index, const Tensor& one,
                        const Tensor& other) {
  check(one.shape == other.shape, "a distance needs two activations of one shape");
  const Sent sent = sent_directions(noise, alpha_index);
  const std::size_t cells = cells_of(noise, one);
  cells_of(noise, other);
  std::vector<double> a(sent.direction.size()), b(a.size());
  double square = 0;
  for (std::size_t cell = 0; cell < cells; ++cell) {
    signal_at(noise, sent, one, cells, cell, a);
    signal_at(noise, sent, other, cells, cell, b);
    for (std::size_t i = 0; i < a.size(); ++i) square += (a[i] - b[i]) * (a[i] - b[i]);
  }
  return std::sqrt(square);
}

double best_auc(double distance) { return best_accuracy(distance * std::numbers::sqrt2); }

double best_accuracy(double distance) {
  // Phi(d / 2) = erfc(-d / (2 sqrt 2)) / 2
  return std::erfc(-distance / (2 * std::numbers::sqrt2)) / 2;
}

double fano_bound(double bits, double people) {
  check(people >= 2, "identification needs at least 2 people, got ", people);
  check(bits >= 0, "bits must be at least 0, got ", bits);
  const double left = std::log2(people) - bits;
  if (left <= 0) return 1;
  // h(p) + (1 - p) log2(M - 1) falls from log2 M at p = 1/M to 0 at p = 1.
  double low = 1 / people, high = 1;
  for (int i = 0; i < 100; ++i) {
    const double p = (low + high) / 2;
    (binary_entropy(p) + (1 - p) * std::log2(people - 1) >= left ? low : high) = p;
  }
  return high;
}

}  // namespace scrim
