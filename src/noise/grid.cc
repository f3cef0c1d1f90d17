#include "noise/grid.h"

#include "release/wire_layout.h"

#include <algorithm>
#include <cmath>

namespace scrim {
namespace {

// Adding this pushes every bit after the point out of a float32 of at most 2^22, and rounds to
// nearest.
constexpr float kRounder = 12582912.0F;  // 1.5 * 2^23

// Rounding by addition, unlike std::rint, compiles to vectors without any instruction set flag.
void round_channel(std::span<float> values, float step) {
  const float inverse = 1.0F / step;
  for (float& value : values) {
    const float steps = value * inverse;
    const float rounded = (steps + kRounder) - kRounder;
    value = std::abs(steps) < kMostGridSteps ? rounded * step : value;
  }
}

}  // namespace

void round_to_grid(std::span<float> sample, std::span<const float> sigma) {
  const std::size_t cells = sample.size() / sigma.size();
  for (std::size_t k = 0; k < sigma.size(); ++k) {
    const std::span<float> channel = sample.subspan(k * cells, cells);
    if (sigma[k] > 0.0F) {
      round_channel(channel, grid_step(sigma[k]));
    } else {
      std::ranges::fill(channel, 0.0F);
    }
  }
}

}  // namespace scrim
