// Box and Muller's mapping, one pair of words per lane. Included once per instruction set.
//
// docs/formats/noise_stream.md bounds the error; tests/kernels/normals_test.cc measures it on every
// input that float32 tells apart.
#if defined(SCRIM_KERNELS_NORMALS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef SCRIM_KERNELS_NORMALS_INL_H_
#undef SCRIM_KERNELS_NORMALS_INL_H_
#else
#define SCRIM_KERNELS_NORMALS_INL_H_
#endif

#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace scrim {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// sqrt(-2 ln u1), u1 = float32(float32(w1) + 1/2) / 2^32, which is never above 1.
//
// With u1 = 2^e (1 + s), 1 + s in [2/3, 4/3):  -2 ln u1 = e (-2 ln 2) - 2 s + s^2 P(s).  Near
// u1 = 1 e is 0 and s exact: the relative accuracy holds down to the smallest radius. P is minimax.
template <class D, class VU>
HWY_INLINE hn::Vec<D> radius(D d, VU w1) {
  const hn::RebindToSigned<D> di;
  const auto bits = hn::BitCast(di, hn::Add(hn::ConvertTo(d, w1), hn::Set(d, 0.5F)));
  const auto e = hn::ShiftRight<23>(hn::Sub(bits, hn::Set(di, 0x3f2aaaab)));  // 2/3
  const auto one_plus_s = hn::BitCast(d, hn::Sub(bits, hn::ShiftLeft<23>(e)));
  const auto exponent = hn::ConvertTo(d, hn::Sub(e, hn::Set(di, 32)));
  const auto s = hn::Sub(one_plus_s, hn::Set(d, 1.0F));

  auto p = hn::Set(d, 0x1.093280p-2F);
  p = hn::MulAdd(p, s, hn::Set(d, -0x1.1ed134p-2F));
  p = hn::MulAdd(p, s, hn::Set(d, 0x1.f25d8cp-3F));
  p = hn::MulAdd(p, s, hn::Set(d, -0x1.1ebe6cp-2F));
  p = hn::MulAdd(p, s, hn::Set(d, 0x1.55a758p-2F));
  p = hn::MulAdd(p, s, hn::Set(d, -0x1.99d1f2p-2F));
  p = hn::MulAdd(p, s, hn::Set(d, 0x1.fffe84p-2F));
  p = hn::MulAdd(p, s, hn::Set(d, -0x1.555502p-1F));
  p = hn::MulAdd(p, s, hn::Set(d, 1.0F));
  const auto log_one_plus_s = hn::MulAdd(hn::Mul(s, s), p, hn::Mul(s, hn::Set(d, -2.0F)));
  // -2 ln 2 in two parts, so that the product of the first with the exponent is exact.
  const auto low = hn::MulAdd(exponent, hn::Set(d, -0x1.7f7d1cp-19F), log_one_plus_s);
  return hn::Sqrt(hn::MulAdd(exponent, hn::Set(d, -0x1.62e400p+0F), low));
}

// pi x + x rest, |rest| small, rounded once: the product with pi is exact before the sum.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V pi_times(D d, V x, V rest) {
  const auto pi = hn::Set(d, 0x1.921fb6p+1F);
#if HWY_NATIVE_FMA
  return hn::MulAdd(x, pi, hn::Mul(x, rest));
#else
  // Twelve bits of each make an exact product; the rest is 2^-11 of it.
  const hn::RebindToUnsigned<D> du;
  const auto x_high = hn::And(x, hn::BitCast(d, hn::Set(du, 0xfffff000U)));
  const auto x_low = hn::Sub(x, x_high);
  const auto low = hn::Add(hn::Mul(x_low, pi), hn::Mul(x_high, hn::Set(d, -0x1.280000p-17F)));
  return hn::Add(hn::Mul(x_high, hn::Set(d, 0x1.922000p+1F)), hn::Add(low, hn::Mul(x, rest)));
#endif
}

// Cosine and sine of pi w2 / 2^31, w2 signed. It is split in integers, w2 = q 2^30 + m with
// |m| <= 2^29, so the relative accuracy holds next to the zeros. m is float32 by definition.
template <class D, class VU>
HWY_INLINE void cos_sin(D d, VU w2, hn::Vec<D>& c, hn::Vec<D>& s) {
  const hn::RebindToUnsigned<D> du;
  const hn::RebindToSigned<D> di;
  const auto shifted = hn::Add(w2, hn::Set(du, 0x20000000U));  // q in the two high bits
  const auto low = hn::BitCast(di, hn::And(shifted, hn::Set(du, 0x3fffffffU)));
  const auto m = hn::ConvertTo(d, hn::Sub(low, hn::Set(di, 0x20000000)));
  const auto x = hn::Mul(m, hn::Set(d, 0x1p-31F));
  const auto u = hn::Mul(x, x);

  // sin(pi x) = pi x + x (u ...), where the constant of the polynomial is pi - float32(pi).
  auto sine = hn::MulAdd(u, hn::Set(d, -0x1.2d9302p-1F), hn::Set(d, 0x1.465e92p+1F));
  sine = hn::MulAdd(u, sine, hn::Set(d, -0x1.4abbbap+2F));
  sine = hn::MulAdd(u, sine, hn::Set(d, -0x1.a32b9ap-24F));
  sine = pi_times(d, x, sine);
  auto cosine = hn::MulAdd(u, hn::Set(d, 0x1.d4a422p-3F), hn::Set(d, -0x1.55b1e0p+0F));
  cosine = hn::MulAdd(u, cosine, hn::Set(d, 0x1.03c1b0p+2F));
  cosine = hn::MulAdd(u, cosine, hn::Set(d, -0x1.3bd3ccp+2F));
  cosine = hn::MulAdd(u, cosine, hn::Set(d, 1.0F));

  // A turn by q quarters swaps the two when q is odd; the sign of the cosine is the exclusive or of
  // q's bits, that of the sine its high bit.
  const auto odd = hn::RebindMask(d, hn::TestBit(shifted, hn::Set(du, 0x40000000U)));
  const auto sign = hn::Set(du, 0x80000000U);
  const auto cosine_sign = hn::And(hn::Xor(shifted, hn::Add(shifted, shifted)), sign);
  const auto sine_sign = hn::And(shifted, sign);
  c = hn::Xor(hn::IfThenElse(odd, sine, cosine), hn::BitCast(d, cosine_sign));
  s = hn::Xor(hn::IfThenElse(odd, cosine, sine), hn::BitCast(d, sine_sign));
}

}  // namespace HWY_NAMESPACE
}  // namespace scrim
HWY_AFTER_NAMESPACE();

#endif  // SCRIM_KERNELS_NORMALS_INL_H_
