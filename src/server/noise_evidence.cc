#include "server/noise_evidence.h"

#include "release/wire_layout.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace scrim {
namespace {

constexpr std::size_t kShares[] = {8, 4, 2, 1};  // of the directions, by noise

// Rows of one direction of one sample, read from bytes that may lie anywhere.
class Plane {
 public:
  Plane(std::string_view bytes, std::int64_t rows, std::int64_t columns)
      : bytes_(bytes),
        rows_(rows),
        columns_(static_cast<std::size_t>(columns)),
        upper_(columns_),
        lower_(columns_) {}

  // The sum of the squares of the diagonal differences of plane `index`.
  double energy(std::size_t index) {
    const std::size_t line = columns_ * sizeof(float);
    const char* at = bytes_.data() + index * static_cast<std::size_t>(rows_) * line;
    double sum = 0;
    for (std::int64_t row = 0; row + 1 < rows_; row += 2, at += 2 * line) {
      std::memcpy(upper_.data(), at, line);
      std::memcpy(lower_.data(), at + line, line);
      for (std::size_t x = 0; x + 1 < columns_; x += 2) {
        const double difference =
            (static_cast<double>(upper_[x]) - upper_[x + 1] - lower_[x] + lower_[x + 1]) / 2;
        sum += difference * difference;
      }
    }
    return sum;
  }

 private:
  std::string_view bytes_;
  std::int64_t rows_;
  std::size_t columns_;
  std::vector<float> upper_, lower_;
};

bool are_multiples(std::span<const float> values, float step) {
  const float inverse = 1.0F / step;
  bool all = true;
  for (const float value : values) {
    const float steps = value * inverse;
    all &= std::nearbyint(steps) * step == value || std::abs(steps) >= kMostGridSteps;
  }
  return all;
}

bool are_plus_zero(std::span<const float> values) {
  return std::ranges::all_of(values, [](float v) { return v == 0 && !std::signbit(v); });
}

std::vector<std::size_t> by_noise(std::span<const float> sigma) {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < sigma.size(); ++k) {
    if (sigma[k] > 0) order.push_back(k);
  }
  std::ranges::sort(order, std::greater{}, [&](std::size_t k) { return sigma[k]; });
  return order;
}

}  // namespace

bool shows_noise(std::string_view bytes, std::int64_t samples, std::int64_t rows,
                 std::int64_t columns, std::span<const float> sigma) {
  const std::vector<std::size_t> order = by_noise(sigma);
  const std::int64_t count = (rows / 2) * (columns / 2);
  const auto blocks = static_cast<double>(count);
  const double t = -std::log(kFalseRefusal / (std::size(kShares) * static_cast<double>(samples)));
  Plane plane(bytes, rows, columns);
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    const std::size_t first = static_cast<std::size_t>(sample) * sigma.size();
    double sum = 0;
    std::size_t taken = 0;
    for (const std::size_t share : kShares) {
      const std::size_t until = std::max<std::size_t>(order.size() / share, order.empty() ? 0 : 1);
      for (; taken < until; ++taken) {
        const double own = static_cast<double>(sigma[order[taken]]);
        sum += plane.energy(first + order[taken]) / (own * own);
      }
      const double n = blocks * static_cast<double>(taken);
      if (sum < n - 2 * std::sqrt(n * t)) return false;
    }
  }
  return true;
}

bool lies_on_grid(std::string_view bytes, std::int64_t samples, std::int64_t rows,
                  std::int64_t columns, std::span<const float> sigma) {
  std::vector<float> plane(static_cast<std::size_t>(rows * columns));
  const std::size_t size = plane.size() * sizeof(float);
  for (std::int64_t sample = 0; sample < samples; ++sample) {
    for (const float own : sigma) {
      std::memcpy(plane.data(), bytes.data(), size);
      bytes.remove_prefix(size);
      const bool good = own > 0
                            ? are_multiples(plane, grid_step(own)) || are_multiples(plane, own / 2)
                            : are_plus_zero(plane);
      if (!good) return false;
    }
  }
  return true;
}

}  // namespace scrim
