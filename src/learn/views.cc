#include "learn/views.h"

#include "base/check.h"

#include <numeric>

namespace scrim {
namespace {

enum Purpose : std::uint64_t { kWindowPurpose = 1, kOrderPurpose = 2 };

// A pseudo-random permutation of [0, count) without a table: cycle-walking over a 4-round Feistel
// network, so that any view can be asked for by itself.
std::size_t permute(std::size_t index, std::size_t count, std::uint64_t seed, std::uint64_t pass) {
  unsigned half_bits = 1;
  while ((std::size_t{1} << (2 * half_bits)) < count) ++half_bits;
  const std::size_t mask = (std::size_t{1} << half_bits) - 1;
  std::size_t value = index;
  do {
    std::size_t left = value >> half_bits;
    std::size_t right = value & mask;
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::size_t mixed =
          Random(seed ^ (round << 56), kOrderPurpose + pass, right).bits() & mask;
      left = std::exchange(right, left ^ mixed);
    }
    value = (left << half_bits) | right;
  } while (value >= count);
  return value;
}

std::vector<std::size_t> all_of(const Pictures& pictures) {
  std::vector<std::size_t> all(pictures.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

}  // namespace

Pictures::Pictures(const std::vector<Dataset>& datasets, std::size_t limit) {
  std::size_t bytes = 0;
  for (const Dataset& dataset : datasets) {
    for (const Sample& sample : dataset.samples()) {
      try {
        Image image = read_image(sample.path);
        bytes += image.pixels.size();
        samples_.push_back(sample);
        images_.push_back(bytes <= limit ? std::move(image) : Image{});
      } catch (const Error& error) {
        skipped_.push_back(sample.name + ": " + error.what());
      }
    }
  }
  check(!samples_.empty(), "no picture of the ", skipped_.size(),
        " listed can be read; at least 1 is needed");
}

Image Pictures::image(std::size_t index) const {
  const Image& kept = images_[index];
  return kept.pixels.empty() ? read_image(samples_[index].path) : kept;
}

Views::Views(const Pictures& pictures, WindowOptions options, std::uint64_t seed)
    : Views(pictures, all_of(pictures), options, seed) {}

Views::Views(const Pictures& pictures, std::vector<std::size_t> chosen, WindowOptions options,
             std::uint64_t seed)
    : pictures_(pictures), chosen_(std::move(chosen)), options_(options), seed_(seed) {
  check(!chosen_.empty(), "views need at least 1 picture, got 0");
  check(options.size >= 64 && options.size % 64 == 0,
        "window must be a multiple of 64 pixels, got ", options.size);
}

std::size_t Views::picture_of(std::int64_t view) const {
  const auto count = static_cast<std::int64_t>(chosen_.size());
  return chosen_[permute(static_cast<std::size_t>(view % count), chosen_.size(), seed_,
                         static_cast<std::uint64_t>(view / count))];
}

ViewBatch Views::draw(std::int64_t first, std::int64_t count, int threads) const {
  // Pinned where a device will read it: copied several times as fast.
  const auto memory = torch::TensorOptions().pinned_memory(torch::cuda::is_available());
  ViewBatch batch{torch::empty({count, 3, options_.size, options_.size}, memory),
                  std::vector<Label>(static_cast<std::size_t>(count))};
  const std::int64_t share = (count + threads - 1) / threads;
  std::vector<std::future<void>> others;
  for (std::int64_t begin = share; begin < count; begin += share) {
    const std::int64_t end = std::min(count, begin + share);
    others.push_back(std::async(std::launch::async, [this, first, begin, end, &batch] {
      draw_into(batch, first, begin, end);
    }));
  }
  draw_into(batch, first, 0, std::min(count, share));
  for (auto& other : others) other.get();
  return batch;
}

void Views::draw_into(ViewBatch& batch, std::int64_t first, std::int64_t begin,
                      std::int64_t end) const {
  const auto view_size = static_cast<std::size_t>(3) * static_cast<std::size_t>(options_.size) *
                         static_cast<std::size_t>(options_.size);
  float* const input = batch.input.data_ptr<float>();
  for (std::int64_t i = begin; i < end; ++i) {
    const std::size_t picture = picture_of(first + i);
    const auto place = static_cast<std::size_t>(i);
    const Random random(seed_, kWindowPurpose, static_cast<std::uint64_t>(first + i));
    const Sample& sample = pictures_.sample(picture);
    batch.labels[place] = {draw_window(pictures_.image(picture), sample.faces, options_, random,
                                       {input + place * view_size, view_size}),
                           sample.label.value_or(-1)};
  }
}

ViewBatch ViewsAhead::take(std::int64_t first, std::int64_t count) {
  const bool drawn = next_.valid() && next_first_ == first && next_count_ == count;
  ViewBatch batch = drawn ? next_.get() : views_.draw(first, count, threads_);
  next_first_ = first + count;
  next_count_ = count;
  next_ = std::async(std::launch::async, [this, next = next_first_, count] {
    return views_.draw(next, count, threads_);
  });
  return batch;
}

}  // namespace scrim
