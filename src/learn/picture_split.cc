#include "learn/picture_split.h"

#include "base/random.h"

#include <numeric>
#include <utility>

namespace scrim {
namespace {

constexpr std::uint64_t kSplitPurpose = 14;

}  // namespace

PictureSplit split_pictures(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed, kSplitPurpose, 0);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.index(i)]);
  if (count < 10) return {order, order, order, order, {}};
  const auto at = [&order](std::size_t place) {
    return order.begin() + static_cast<std::ptrdiff_t>(place);
  };
  const std::size_t tenth = count / 10;
  const std::size_t kept_back = count < 20 ? 0 : tenth / 2;
  return {{at(kept_back), order.end()},
          {at(2 * tenth), order.end()},
          {at(tenth), at(2 * tenth)},
          {at(0), at(tenth)},
          {at(0), at(kept_back)}};
}

}  // namespace scrim
