#include <scrim/noise.h>

#include "base/check.h"
#include "noise/activation_checks.h"
#include "noise/contract.h"
#include "noise/mechanism.h"

#include <algorithm>
#include <cmath>
#include <span>

namespace scrim {
namespace {

// The smallest value that at least 999 of 1000 are at or below.
double upper_quantile(std::vector<float> values) {
  const std::size_t rank = values.size() - 1 - values.size() / 1000;
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(rank));
  return values[rank];
}

}  // namespace

struct AlphaMeter::Impl {
  std::vector<Mechanism> mechanisms;
  std::size_t directions = 0;
  std::int64_t cells = 0;
  std::vector<double> sum, products;      // K; K x K, the lower triangle
  std::vector<std::vector<float>> norms;  // A x cells

  // One sample as K rows of cells, clipped.
  void add_sample(std::span<const float> clipped, std::size_t cell_count) {
    const auto row = [&](std::size_t k) { return clipped.subspan(k * cell_count, cell_count); };
    for (std::size_t i = 0; i < directions; ++i) {
      for (const float value : row(i)) sum[i] += value;
      for (std::size_t j = 0; j <= i; ++j) {
        double product = 0;
        for (std::size_t c = 0; c < cell_count; ++c) {
          product += static_cast<double>(row(i)[c]) * row(j)[c];
        }
        products[i * directions + j] += product;
      }
    }
    for (std::size_t a = 0; a < mechanisms.size(); ++a) add_norms(a, clipped, cell_count);
    cells += static_cast<std::int64_t>(cell_count);
  }

  void add_norms(std::size_t a, std::span<const float> clipped, std::size_t cell_count) {
    std::vector<float> squared(cell_count);
    for (std::size_t k = 0; k < directions; ++k) {
      if (mechanisms[a].scale[k] == 0.0F) continue;
      const float ratio = mechanisms[a].scale[k] / mechanisms[a].sigma[k];
      for (std::size_t c = 0; c < cell_count; ++c) {
        const float y = ratio * clipped[k * cell_count + c];
        squared[c] += y * y;
      }
    }
    for (const float norm : squared) norms[a].push_back(std::sqrt(norm));
  }

  double covariance(std::size_t i, std::size_t j) const {
    const auto count = static_cast<double>(cells);
    return products[std::max(i, j) * directions + std::min(i, j)] / count -
           sum[i] / count * (sum[j] / count);
  }

  MeasuredAlpha measure(std::size_t a) const {
    const Mechanism& mechanism = mechanisms[a];
    std::vector<std::size_t> sent;
    for (std::size_t k = 0; k < directions; ++k) {
      if (mechanism.scale[k] > 0.0F) sent.push_back(k);
    }
    std::vector<double> snr, signal, unit(sent.size(), 1.0);  // scaled to noise of variance 1
    for (const std::size_t i : sent) {
      for (const std::size_t j : sent) {
        const double ratio = static_cast<double>(mechanism.scale[i]) / mechanism.sigma[i] *
                             (static_cast<double>(mechanism.scale[j]) / mechanism.sigma[j]);
        signal.push_back(ratio * covariance(i, j));
      }
      snr.push_back(std::max(signal[signal.size() - sent.size() + snr.size()], 0.0));
    }
    MeasuredAlpha measured{.alpha = mechanism.alpha};
    measured.diagonal = alpha_of(snr, mechanism.channels);
    measured.joint = joint_alpha(signal, unit, mechanism.channels);
    measured.cell_norm = upper_quantile(norms[a]);
    measured.within_margin = bits_per_element(measured.diagonal) <=
                             bits_per_element(mechanism.alpha) * (1.0 + kBitsMargin);
    return measured;
  }
};

AlphaMeter::AlphaMeter(const Release& release) : impl_(std::make_unique<Impl>()) {
  for (const double alpha : release.noise().alphas) {
    impl_->mechanisms.push_back(mechanism_at(release.noise(), alpha));
  }
  impl_->directions = static_cast<std::size_t>(release.noise().directions);
  impl_->sum.resize(impl_->directions);
  impl_->products.resize(impl_->directions * impl_->directions);
  impl_->norms.resize(impl_->mechanisms.size());
}

AlphaMeter::~AlphaMeter() = default;

void AlphaMeter::add(const Activation& activation) {
  const auto& [shape, values] = activation.tensor;
  check_activation_shape(shape, impl_->directions, values.size());
  check_activation_values(values);
  const float clip = impl_->mechanisms.front().clip;
  std::vector<float> clipped(values.size());
  std::ranges::transform(values, clipped.begin(),
                         [clip](float v) { return std::clamp(v, -clip, clip); });
  const auto cell_count = static_cast<std::size_t>(shape[2] * shape[3]);
  const std::size_t size = impl_->directions * cell_count;
  for (std::size_t first = 0; first < clipped.size(); first += size) {
    impl_->add_sample(std::span<const float>(clipped).subspan(first, size), cell_count);
  }
}

std::int64_t AlphaMeter::cells() const { return impl_->cells; }

std::vector<double> AlphaMeter::covariance() const {
  check(cells() >= 2, "a covariance needs at least 2 cells, got ", cells());
  std::vector<double> matrix;
  for (std::size_t i = 0; i < impl_->directions; ++i) {
    for (std::size_t j = 0; j < impl_->directions; ++j) matrix.push_back(impl_->covariance(i, j));
  }
  return matrix;
}

std::vector<MeasuredAlpha> AlphaMeter::measure() const {
  check(cells() >= 2, "alpha is measured on at least 2 cells, got ", cells());
  std::vector<MeasuredAlpha> all;
  for (std::size_t a = 0; a < impl_->mechanisms.size(); ++a) all.push_back(impl_->measure(a));
  return all;
}

}  // namespace scrim
