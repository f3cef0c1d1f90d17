// One source for every instruction set: compiled once per target, chosen at run time.
#include "kernels/add_noise_backends.h"

#include <algorithm>

// Arrays of vectors need a size at compile time, which scalable vectors lack; NEON serves there.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/add_noise_simd.cc"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/chacha20-inl.h"
#include "kernels/normals-inl.h"

HWY_BEFORE_NAMESPACE();
namespace scrim {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // a machine without vectors: nothing to gain on the reference

void add_noise(const AddNoise& op, Part part) { reference::add_noise(op, part); }

void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) {
  reference::draw_normals(key, first, z);
}

#else

using Floats = hn::CappedTag<float, 16>;
using Words = hn::RebindToUnsigned<Floats>;
constexpr std::size_t kLanes = hn::MaxLanes(Floats());
constexpr std::size_t kBatches = kLanes == 16 ? 2 : 1;
static_assert(kLanes >= 4 && kBlocksPerGroup % kLanes == 0);

// The block of each lane, from the first of the batch. In this order a transpose inside each four
// lanes leaves every vector of values contiguous in memory.
HWY_INLINE hn::Vec<Words> lane_blocks() {
  const hn::Vec<Words> lane = hn::Iota(Words(), 0);
  const auto in_four = hn::And(lane, hn::Set(Words(), 3));
  return hn::Add(hn::Mul(in_four, hn::Set(Words(), kLanes / 4)), hn::ShiftRight<2>(lane));
}

// Values 4l .. 4l+3 of a row of 128, for the words 4q .. 4q+3 of kLanes blocks.
template <class V>
HWY_INLINE void store_row(V a, V b, V c, V d, float* HWY_RESTRICT z) {
  const Floats df;
  const hn::Repartition<double, Floats> dd;
  const auto ab_low = hn::BitCast(dd, hn::InterleaveLower(df, a, b));
  const auto ab_high = hn::BitCast(dd, hn::InterleaveUpper(df, a, b));
  const auto cd_low = hn::BitCast(dd, hn::InterleaveLower(df, c, d));
  const auto cd_high = hn::BitCast(dd, hn::InterleaveUpper(df, c, d));
  hn::Store(hn::BitCast(df, hn::InterleaveLower(dd, ab_low, cd_low)), df, z);
  hn::Store(hn::BitCast(df, hn::InterleaveUpper(dd, ab_low, cd_low)), df, z + kLanes);
  hn::Store(hn::BitCast(df, hn::InterleaveLower(dd, ab_high, cd_high)), df, z + 2 * kLanes);
  hn::Store(hn::BitCast(df, hn::InterleaveUpper(dd, ab_high, cd_high)), df, z + 3 * kLanes);
}

// The draws of kLanes blocks, words in x.
HWY_INLINE void store_draws(const hn::Vec<Words> (&x)[kWordsPerBlock], float* HWY_RESTRICT z) {
  const Floats d;
  for (std::size_t q = 0; q < 4; ++q) {
    hn::Vec<Floats> z0, z1, z2, z3;
    const auto r01 = radius(d, x[4 * q]);
    cos_sin(d, x[4 * q + 1], z0, z1);
    const auto r23 = radius(d, x[4 * q + 2]);
    cos_sin(d, x[4 * q + 3], z2, z3);
    store_row(hn::Mul(r01, z0), hn::Mul(r01, z1), hn::Mul(r23, z2), hn::Mul(r23, z3), z + 128 * q);
  }
}

// The draws of one group: 4 rows of 128.
HWY_INLINE void draw_group(const ChaChaState& state, std::size_t group, float* HWY_RESTRICT z) {
  const Words d;
  for (std::size_t block = 0; block < kBlocksPerGroup; block += kBatches * kLanes) {
    hn::Vec<Words> counters[kBatches], x[kBatches][kWordsPerBlock];
    for (std::size_t b = 0; b < kBatches; ++b) {
      const std::size_t first = group * kBlocksPerGroup + block + b * kLanes;
      counters[b] = hn::Add(lane_blocks(), hn::Set(d, static_cast<std::uint32_t>(first)));
    }
    chacha20_blocks(d, state.data(), counters, x);
    for (std::size_t b = 0; b < kBatches; ++b) store_draws(x[b], z + 4 * (block + b * kLanes));
  }
}

// out[i] = scale * clip(in[i]) + sigma * z[i] inside one channel.
HWY_INLINE void apply(const float* in, const float* HWY_RESTRICT z, float scale, float sigma,
                      float clip, std::size_t count, float* out) {
  const Floats d;
  const auto scales = hn::Set(d, scale), sigmas = hn::Set(d, sigma);
  const auto low = hn::Set(d, -clip), high = hn::Set(d, clip);
  const auto one = [&](auto x, auto draw) HWY_ATTR {
    return hn::MulAdd(sigmas, draw, hn::Mul(scales, hn::Min(hn::Max(x, low), high)));
  };
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    hn::StoreU(one(hn::LoadU(d, in + i), hn::LoadU(d, z + i)), d, out + i);
  }
  for (const hn::CappedTag<float, 1> d1; i < count; ++i) {
    const auto x = hn::Min(hn::Max(hn::LoadU(d1, in + i), hn::Set(d1, -clip)), hn::Set(d1, clip));
    const auto signal = hn::Mul(hn::Set(d1, scale), x);
    hn::StoreU(hn::MulAdd(hn::Set(d1, sigma), hn::LoadU(d1, z + i), signal), d1, out + i);
  }
}

// Stores alone do not start the processor's prefetch: without a hint for the next group, the spills
// of its rounds would queue behind stores that wait for memory.
HWY_INLINE void copy(const float* HWY_RESTRICT z, std::size_t count, float* HWY_RESTRICT out) {
  const Floats d;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    hwy::Prefetch(out + i + kGroup);
    hn::StoreU(hn::LoadU(d, z + i), d, out + i);
  }
  std::copy_n(z + i, count - i, out + i);
}

// Calls use(z, i, count) for the draws i .. i + count - 1, group by group.
template <class Use>
HWY_INLINE void for_each_group(const StreamKey& key, Part part, const Use& use) {
  const ChaChaState state = chacha20_state(key, 0);
  alignas(64) float z[kGroup];
  const std::size_t end = part.first + part.count;
  for (std::size_t i = part.first; i < end;) {
    const std::size_t in_group = i % kGroup;
    const std::size_t count = std::min(kGroup - in_group, end - i);
    draw_group(state, i / kGroup, z);
    use(z + in_group, i, count);
    i += count;
  }
}

void add_noise(const AddNoise& op, Part part) {
  const std::size_t channel_size = std::max<std::size_t>(op.in.size() / op.scale.size(), 1);
  std::size_t c = part.first / channel_size;
  for_each_group(op.key, part, [&](const float* z, std::size_t i, std::size_t count) HWY_ATTR {
    for (const std::size_t end = i + count; i < end;) {
      const std::size_t stop = std::min(end, (c + 1) * channel_size);
      apply(op.in.data() + i, z, op.scale[c], op.sigma[c], op.clip, stop - i, op.out.data() + i);
      z += stop - i;
      i = stop;
      if (i == (c + 1) * channel_size) ++c;
    }
  });
}

void draw_normals(const StreamKey& key, std::size_t first, std::span<float> out) {
  const Part part = {.first = first, .count = out.size()};
  for_each_group(key, part, [&](const float* z, std::size_t i, std::size_t count) HWY_ATTR {
    copy(z, count, out.data() + (i - first));
  });
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace scrim
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace scrim::simd {
namespace {
HWY_EXPORT(add_noise);
HWY_EXPORT(draw_normals);
}  // namespace

void add_noise(const AddNoise& op, Part part) noexcept {
  HWY_DYNAMIC_DISPATCH(add_noise)(op, part);
}

void draw_normals(const StreamKey& key, std::size_t first, std::span<float> z) noexcept {
  HWY_DYNAMIC_DISPATCH(draw_normals)(key, first, z);
}

}  // namespace scrim::simd
#endif
