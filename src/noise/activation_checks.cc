#include "noise/activation_checks.h"

#include "base/check.h"
#include "base/shape_text.h"
#include "kernels/chacha20.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace scrim {

void check_activation_shape(const Shape& shape, std::size_t directions, std::size_t count) {
  check(shape.size() == 4 && std::ranges::all_of(shape, [](std::int64_t size) { return size > 0; }),
        "an activation is N x K x H x W, got ", shape_text(shape));
  check(static_cast<std::size_t>(shape[1]) == directions, "the activation has ", shape[1],
        " directions, the release ", directions);
  const std::int64_t elements = element_count(shape);
  const auto size = static_cast<std::uint64_t>(elements / shape[0]);
  check(size <= kMaxElements, "a sample may have at most ", kMaxElements, " values, got ", size);
  check(static_cast<std::size_t>(elements) == count, "an activation of ", shape_text(shape),
        " has ", elements, " values, got ", count);
}

void check_activation_values(std::span<const float> values) {
  const auto bad = std::ranges::find_if_not(values, [](float v) { return std::isfinite(v); });
  check(bad == values.end(), "value ", bad - values.begin(), " of the activation is not finite");
}

}  // namespace scrim
