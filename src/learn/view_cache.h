// Cached clean trunk activations of recent views, refreshed while training goes on.
#pragma once

#include "learn/views.h"

#include <functional>

namespace scrim {

struct CachedBatch {
  torch::Tensor trunk_activation;  // N x C x h x w, float32, channels last
  std::vector<Label> labels;
};

// A ring of the last `capacity` views, in half precision. Each batch takes kFresh new views and
// fills up with random older ones. Which views those are depends on (seed, step) alone, so that a
// resumed run sees what an unbroken one would have seen.
class ViewCache {
 public:
  static constexpr std::int64_t kFresh = 8;

  using Trunk = std::function<torch::Tensor(const torch::Tensor& input)>;

  // capacity and initial are rounded up to multiples of kFresh; `threads` draw views.
  ViewCache(const Views& views, Trunk trunk, std::int64_t capacity, std::int64_t initial,
            std::uint64_t seed, int threads = 1);

  // The batch of step `step`; steps may be asked for in any order, ascending is quick.
  CachedBatch batch(int step, std::int64_t size,
                    const std::function<void(std::int64_t, std::int64_t)>& filling = {});

 private:
  void fill_to(std::int64_t end, const std::function<void(std::int64_t, std::int64_t)>& filling);
  void add_group(std::int64_t first);

  ViewsAhead views_;
  Trunk trunk_;
  std::int64_t capacity_;
  std::int64_t initial_;
  std::uint64_t seed_;
  std::int64_t end_ = 0;       // views [max(0, end_ - capacity_), end_) are in the ring
  torch::Tensor ring_;         // capacity x C x h x w
  std::vector<Label> labels_;  // capacity
};

}  // namespace scrim
