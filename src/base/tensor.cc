#include <scrim/activation.h>

#include "base/check.h"

#include <algorithm>

namespace scrim {

std::int64_t element_count(const Shape& shape) {
  for (const std::int64_t size : shape) check(size >= 0, "shape holds the negative size ", size);
  if (std::ranges::find(shape, 0) != shape.end()) return 0;
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    check(!__builtin_mul_overflow(count, size, &count), "shape of ", shape.size(),
          " dimensions holds more elements than 2^63");
  }
  return count;
}

}  // namespace scrim
