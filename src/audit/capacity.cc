#include "audit/capacity.h"

#include "audit/conditions.h"
#include "audit/information.h"
#include "audit/resampling.h"
#include "base/check.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

constexpr double kCandidates = 1 << 20;  // of Fano's bound

double alpha_of(double bits) { return std::exp2(-2 * bits); }

// Rows and columns that both activations have, from the first one.
Tensor cut_to(const Tensor& activation, std::int64_t rows, std::int64_t columns) {
  Tensor cut{{1, activation.shape[1], rows, columns}, {}};
  for (std::int64_t k = 0; k < activation.shape[1]; ++k) {
    for (std::int64_t row = 0; row < rows; ++row) {
      const auto line =
          activation.values.begin() + (k * activation.shape[2] + row) * activation.shape[3];
      cut.values.insert(cut.values.end(), line, line + columns);
    }
  }
  return cut;
}

Tensor middle_cell(const Tensor& activation) {
  const std::int64_t rows = activation.shape[2], columns = activation.shape[3];
  Tensor cell{{1, activation.shape[1], 1, 1}, {}};
  for (std::int64_t k = 0; k < activation.shape[1]; ++k) {
    const std::int64_t at = (k * rows + rows / 2) * columns + columns / 2;
    cell.values.push_back(activation.values[static_cast<std::size_t>(at)]);
  }
  return cell;
}

void add_pairs(const NoiseParameters& noise, std::size_t place, const std::vector<Scene>& scenes,
               CapacityRow& row) {
  std::vector<double> distances, cells;
  for (std::size_t i = 0; i + 1 < scenes.size(); ++i) {
    const Tensor& one = scenes[i].activation;
    const Tensor& other = scenes[i + 1].activation;
    const std::int64_t rows = std::min(one.shape[2], other.shape[2]);
    const std::int64_t columns = std::min(one.shape[3], other.shape[3]);
    distances.push_back(
        release_distance(noise, place, cut_to(one, rows, columns), cut_to(other, rows, columns)));
    cells.push_back(release_distance(noise, place, middle_cell(one), middle_cell(other)));
  }
  row.pair_distance_50 = quantile(distances, 0.5);
  row.pair_auc_5 = best_auc(quantile(distances, 0.05));
  row.pair_auc_50 = best_auc(row.pair_distance_50);
  row.cell_auc_50 = best_auc(quantile(cells, 0.5));
}

}  // namespace

std::vector<CapacityRow> capacity_of(const NoiseParameters& noise,
                                     const std::vector<double>& alphas,
                                     const std::vector<Scene>& scenes) {
  check(!scenes.empty(), "a capacity is measured on at least one picture");
  std::vector<Tensor> activations;
  double cells = 0;
  for (const Scene& scene : scenes) {
    activations.push_back(scene.activation);
    cells += static_cast<double>(scene.activation.shape[2] * scene.activation.shape[3]);
  }
  std::vector<CapacityRow> rows;
  for (const double alpha : alphas) {
    const std::size_t place = alpha_place(noise, alpha);
    CapacityRow row;
    row.alpha = alpha;
    const BitsPerElement bits = measured_bits(noise, place, activations);
    row.diagonal_bits = bits.diagonal;
    row.joint_bits = bits.joint;
    row.diagonal_alpha = alpha_of(bits.diagonal);
    row.joint_alpha = alpha_of(bits.joint);
    row.bits_per_picture = bits.diagonal * static_cast<double>(noise.channels) * cells /
                           static_cast<double>(scenes.size());
    std::vector<double> norms;
    for (const Tensor& activation : activations) {
      const auto some = cell_norms(noise, place, activation);
      norms.insert(norms.end(), some.begin(), some.end());
    }
    row.norm_median = quantile(norms, 0.5);
    row.norm_99 = quantile(norms, 0.99);
    row.norm_999 = quantile(norms, 0.999);
    row.norm_max = quantile(norms, 1.0);
    if (scenes.size() > 1) add_pairs(noise, place, scenes, row);
    row.fano_error = 1 - fano_bound(row.bits_per_picture, kCandidates);
    rows.push_back(row);
  }
  return rows;
}

}  // namespace scrim
