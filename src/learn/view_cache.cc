#include "learn/view_cache.h"

#include <algorithm>

namespace scrim {
namespace {

constexpr std::uint64_t kReplayPurpose = 3;

std::int64_t round_up(std::int64_t count) {
  return (std::max<std::int64_t>(count, 1) + ViewCache::kFresh - 1) / ViewCache::kFresh *
         ViewCache::kFresh;
}

}  // namespace

ViewCache::ViewCache(const Views& views, Trunk trunk, std::int64_t capacity, std::int64_t initial,
                     std::uint64_t seed, int threads)
    : views_(views, threads),
      trunk_(std::move(trunk)),
      capacity_(round_up(capacity)),
      initial_(std::min(round_up(initial), capacity_)),
      seed_(seed),
      labels_(static_cast<std::size_t>(capacity_)) {}

// Always a whole aligned group: a kernel may round differently for another batch size.
void ViewCache::add_group(std::int64_t first) {
  torch::NoGradGuard no_grad;
  const ViewBatch drawn = views_.take(first, kFresh);
  const auto activation = trunk_(drawn.input);
  if (!ring_.defined()) {
    auto shape = activation.sizes().vec();
    shape[0] = capacity_;
    ring_ = torch::empty(shape, torch::TensorOptions(torch::kHalf)
                                    .device(activation.device())
                                    .memory_format(torch::MemoryFormat::ChannelsLast));
  }
  const std::int64_t slot = first % capacity_;
  ring_.narrow(0, slot, kFresh).copy_(activation);
  for (std::int64_t i = 0; i < kFresh; ++i) {
    labels_[static_cast<std::size_t>(slot + i)] = drawn.labels[static_cast<std::size_t>(i)];
  }
}

void ViewCache::fill_to(std::int64_t end,
                        const std::function<void(std::int64_t, std::int64_t)>& filling) {
  if (end < end_) end_ = 0;  // an earlier step: draw again from the start of its ring
  const std::int64_t begin = std::max(end_, end - capacity_) / kFresh * kFresh;
  for (std::int64_t first = begin; first < end; first += kFresh) {
    add_group(first);
    if (filling) filling(first + kFresh - begin, end - begin);
  }
  end_ = end;
}

CachedBatch ViewCache::batch(int step, std::int64_t size,
                             const std::function<void(std::int64_t, std::int64_t)>& filling) {
  const std::int64_t end = initial_ + kFresh * (static_cast<std::int64_t>(step) + 1);
  fill_to(end, filling);
  std::vector<std::int64_t> slots;
  for (std::int64_t i = 0; i < std::min(kFresh, size); ++i)
    slots.push_back((end - kFresh + i) % capacity_);
  Random random(seed_, kReplayPurpose, static_cast<std::uint64_t>(step));
  const std::int64_t filled = std::min(end, capacity_);
  while (static_cast<std::int64_t>(slots.size()) < size) {
    slots.push_back(static_cast<std::int64_t>(random.index(static_cast<std::uint64_t>(filled))));
  }
  CachedBatch batch;
  batch.trunk_activation = ring_.index_select(0, torch::tensor(slots).to(ring_.device()))
                               .to(torch::kFloat32)
                               .contiguous(torch::MemoryFormat::ChannelsLast);
  for (const std::int64_t slot : slots)
    batch.labels.push_back(labels_[static_cast<std::size_t>(slot)]);
  return batch;
}

}  // namespace scrim
