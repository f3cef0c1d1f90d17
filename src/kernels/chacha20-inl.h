// ChaCha20 with one block per lane. Included once per instruction set by add_noise_simd.cc.
#if defined(SCRIM_KERNELS_CHACHA20_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SCRIM_KERNELS_CHACHA20_INL_H_
#undef SCRIM_KERNELS_CHACHA20_INL_H_
#else
#define SCRIM_KERNELS_CHACHA20_INL_H_
#endif

#include <hwy/highway.h>

#include "kernels/chacha20.h"

HWY_BEFORE_NAMESPACE();
namespace scrim {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// AVX-512 rotates in one instruction; elsewhere whole bytes are cheapest as a byte shuffle.
template <int kBits, class V>
HWY_INLINE V rotate_left(V v) {
#if HWY_TARGET > HWY_AVX3
  const hn::DFromV<V> d;
  const hn::Repartition<std::uint8_t, decltype(d)> d8;
  if constexpr (kBits == 16) {
    alignas(16) static constexpr std::uint8_t kOrder[16] = {2,  3,  0, 1, 6,  7,  4,  5,
                                                            10, 11, 8, 9, 14, 15, 12, 13};
    return hn::BitCast(d, hn::TableLookupBytes(hn::BitCast(d8, v), hn::LoadDup128(d8, kOrder)));
  }
  if constexpr (kBits == 8) {
    alignas(16) static constexpr std::uint8_t kOrder[16] = {3,  0, 1, 2,  7,  4,  5,  6,
                                                            11, 8, 9, 10, 15, 12, 13, 14};
    return hn::BitCast(d, hn::TableLookupBytes(hn::BitCast(d8, v), hn::LoadDup128(d8, kOrder)));
  }
#endif
  return hn::RotateRight<32 - kBits>(v);
}

template <class V>
HWY_INLINE void quarter_round(V& a, V& b, V& c, V& d) {
  a = hn::Add(a, b), d = rotate_left<16>(hn::Xor(d, a));
  c = hn::Add(c, d), b = rotate_left<12>(hn::Xor(b, c));
  a = hn::Add(a, b), d = rotate_left<8>(hn::Xor(d, a));
  c = hn::Add(c, d), b = rotate_left<7>(hn::Xor(b, c));
}

template <class V>
HWY_INLINE void double_round(V* HWY_RESTRICT x) {
  quarter_round(x[0], x[4], x[8], x[12]);
  quarter_round(x[1], x[5], x[9], x[13]);
  quarter_round(x[2], x[6], x[10], x[14]);
  quarter_round(x[3], x[7], x[11], x[15]);
  quarter_round(x[0], x[5], x[10], x[15]);
  quarter_round(x[1], x[6], x[11], x[12]);
  quarter_round(x[2], x[7], x[8], x[13]);
  quarter_round(x[3], x[4], x[9], x[14]);
}

// x[b][j] = word j of the block of each lane's counter, for kBatches vectors of counters.
//
// The rounds of one batch are a chain that leaves half of a wide core idle; two batches fill it
// where 32 registers hold them.
template <std::size_t kBatches, class D, class V = hn::Vec<D>>
HWY_INLINE void chacha20_blocks(D d, const std::uint32_t* HWY_RESTRICT state,
                                const V (&counters)[kBatches], V (&x)[kBatches][kWordsPerBlock]) {
  for (std::size_t b = 0; b < kBatches; ++b) {
    for (std::size_t j = 0; j < kWordsPerBlock; ++j) {
      x[b][j] = j == 12 ? counters[b] : hn::Set(d, state[j]);
    }
  }
  for (int i = 0; i < 10; ++i) {
    for (std::size_t b = 0; b < kBatches; ++b) double_round(x[b]);
  }
  for (std::size_t b = 0; b < kBatches; ++b) {
    for (std::size_t j = 0; j < kWordsPerBlock; ++j) {
      x[b][j] = hn::Add(x[b][j], j == 12 ? counters[b] : hn::Set(d, state[j]));
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace scrim
HWY_AFTER_NAMESPACE();

#endif  // SCRIM_KERNELS_CHACHA20_INL_H_
