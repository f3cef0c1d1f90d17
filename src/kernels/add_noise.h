// out[i] = scale[c(i)] * clip(in[i]) + sigma[c(i)] * z[i],   z ~ N(0, 1), c(i) the channel of i
//
// z[i] depends on (key, nonce, i) alone, so every back end draws the same noise, each can be
// checked against the reference value by value, and threads can share one sample.
#pragma once

#include "kernels/chacha20.h"

#include <cstddef>
#include <span>

namespace scrim {

// One sample and its noise. The caller has checked: in.size() == out.size() <= kMaxElements, a
// multiple of scale.size() == sigma.size() >= 1; every number finite, clip >= 0.
//
// Any length and any alignment. `out` is `in` itself (in place) or does not overlap it.
struct AddNoise {
  std::span<const float> in;     // channels x (elements of a channel), contiguous
  std::span<const float> scale;  // channels
  std::span<const float> sigma;  // channels
  float clip;                    // values of `in` are first held to [-clip, clip]; may be infinite
  StreamKey key;
  std::span<float> out;  // as `in`
};

// The elements [first, first + count) of a sample.
struct Part {
  std::size_t first;
  std::size_t count;
};

// Where a kernel runs.
enum class Backend { kReference, kSimd, kCuda };

// The back ends that this build has and this machine can run; the reference is the first.
std::span<const Backend> available_backends() noexcept;

// Runs the whole sample, or a part of it, on the fastest back end. Parts that do not overlap may
// run in any order and in different threads; elements outside are neither read nor written.
// Allocates nothing, starts no thread.
void add_noise(const AddNoise& op) noexcept;
void add_noise(const AddNoise& op, Part part) noexcept;
void add_noise(Backend backend, const AddNoise& op, Part part) noexcept;

// z[0] = draw number `first` of the stream, and so on. first + z.size() <= kMaxElements.
void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept;
void draw_normals(Backend backend, const StreamKey& key, std::size_t first,
                  std::span<float> z) noexcept;

}  // namespace scrim
