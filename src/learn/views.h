// An endless, reproducible stream of training views: view i is a function of (seed, i) alone.
#pragma once

#include "learn/window.h"

#include <torch/torch.h>

#include <cstdint>
#include <future>
#include <vector>

namespace scrim {

// The pictures of one or more datasets in memory, up to `limit` bytes; the rest is decoded each
// time. A picture that cannot be read is left out and named in `skipped`.
class Pictures {
 public:
  Pictures(const std::vector<Dataset>& datasets, std::size_t limit = std::size_t{4} << 30);

  std::size_t size() const { return samples_.size(); }
  const Sample& sample(std::size_t index) const { return samples_[index]; }
  Image image(std::size_t index) const;
  const std::vector<std::string>& skipped() const { return skipped_; }

 private:
  std::vector<Sample> samples_;
  std::vector<Image> images_;
  std::vector<std::string> skipped_;
};

struct ViewBatch {
  torch::Tensor input;        // N x 3 x size x size
  std::vector<Label> labels;  // N
};

// Draws views in passes: each pass shows every chosen picture once, in an order of its own.
class Views {
 public:
  Views(const Pictures& pictures, WindowOptions options, std::uint64_t seed);
  // Of the chosen pictures only, by index.
  Views(const Pictures& pictures, std::vector<std::size_t> chosen, WindowOptions options,
        std::uint64_t seed);

  // Views first to first + count - 1, by that many threads.
  ViewBatch draw(std::int64_t first, std::int64_t count, int threads = 1) const;
  // The picture that a view shows, by index.
  std::size_t picture_of(std::int64_t view) const;

 private:
  // Views first + begin to first + end - 1, to their places in the batch.
  void draw_into(ViewBatch& batch, std::int64_t first, std::int64_t begin, std::int64_t end) const;

  const Pictures& pictures_;
  std::vector<std::size_t> chosen_;
  WindowOptions options_;
  std::uint64_t seed_;
};

// Views one batch after the other: the next is drawn in another thread while the last is in use.
class ViewsAhead {
 public:
  // `views` must outlive it; each batch is drawn by that many threads.
  explicit ViewsAhead(const Views& views, int threads = 1) : views_(views), threads_(threads) {}
  // views.draw(first, count), at once if it follows the last one; starts to draw the next `count`.
  ViewBatch take(std::int64_t first, std::int64_t count);

 private:
  const Views& views_;
  int threads_;
  std::future<ViewBatch> next_;
  std::int64_t next_first_ = -1, next_count_ = 0;
};

}  // namespace scrim
