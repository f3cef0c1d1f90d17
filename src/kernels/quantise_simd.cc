// One source for every instruction set: compiled once per target, chosen at run time.
#include "kernels/quantise_backends.h"

#include <limits>

#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/quantise_simd.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace scrim {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_SCALAR  // a machine without vectors: nothing to gain on the reference

std::size_t quantise8(std::span<const float> in, float step, std::span<std::int8_t> codes) {
  return reference::quantise(in, step, codes);
}
std::size_t quantise16(std::span<const float> in, float step, std::span<std::int16_t> codes) {
  return reference::quantise(in, step, codes);
}
void dequantise8(std::span<const std::int8_t> codes, float step, std::span<float> out) {
  reference::dequantise(codes, step, out);
}
void dequantise16(std::span<const std::int16_t> codes, float step, std::span<float> out) {
  reference::dequantise(codes, step, out);
}
std::size_t to_half(std::span<const float> in, std::span<std::uint16_t> halves) {
  return reference::to_half(in, halves);
}
void from_half(std::span<const std::uint16_t> halves, std::span<float> out) {
  reference::from_half(halves, out);
}

#else

using Floats = hn::CappedTag<float, 16>;
constexpr std::size_t kLanes = hn::MaxLanes(Floats());

// Held to the limit before the conversion, which is undefined beyond int32. What rounds to above
// the limit is at least half a step beyond it; halves go to even, and the limit is odd.
template <typename Code>
HWY_INLINE std::size_t quantise_to(std::span<const float> in, float step, std::span<Code> codes) {
  constexpr auto kMost = static_cast<float>(std::numeric_limits<Code>::max());
  const Floats d;
  const hn::Rebind<Code, Floats> dc;
  const auto inverse = hn::Set(d, 1.0F / step), beyond = hn::Set(d, kMost + 0.5F);
  const auto low = hn::Set(d, -kMost), high = hn::Set(d, kMost);
  std::size_t held = 0, i = 0;
  for (; i + kLanes <= in.size(); i += kLanes) {
    const auto steps = hn::Mul(hn::LoadU(d, in.data() + i), inverse);
    held += hn::CountTrue(d, hn::Ge(hn::Abs(steps), beyond));
    const auto whole = hn::NearestInt(hn::Min(hn::Max(steps, low), high));
    hn::StoreU(hn::DemoteTo(dc, whole), dc, codes.data() + i);
  }
  return held + reference::quantise(in.subspan(i), step, codes.subspan(i));
}

template <typename Code>
HWY_INLINE void dequantise_from(std::span<const Code> codes, float step, std::span<float> out) {
  const Floats d;
  const hn::RebindToSigned<Floats> di;
  const hn::Rebind<Code, Floats> dc;
  const auto steps = hn::Set(d, step);
  std::size_t i = 0;
  for (; i + kLanes <= codes.size(); i += kLanes) {
    const auto whole = hn::PromoteTo(di, hn::LoadU(dc, codes.data() + i));
    hn::StoreU(hn::Mul(hn::ConvertTo(d, whole), steps), d, out.data() + i);
  }
  reference::dequantise(codes.subspan(i), step, out.subspan(i));
}

std::size_t quantise8(std::span<const float> in, float step, std::span<std::int8_t> codes) {
  return quantise_to(in, step, codes);
}
std::size_t quantise16(std::span<const float> in, float step, std::span<std::int16_t> codes) {
  return quantise_to(in, step, codes);
}
void dequantise8(std::span<const std::int8_t> codes, float step, std::span<float> out) {
  dequantise_from(codes, step, out);
}
void dequantise16(std::span<const std::int16_t> codes, float step, std::span<float> out) {
  dequantise_from(codes, step, out);
}

// By integers, because not every instruction set converts with rounding. From 2^-14 on: the
// exponent is rebased, and half a unit (less the last bit that stays, for ties) carries upwards.
// Below, adding 1/2 leaves the multiple of 2^-24 in the last bits, rounded by the addition.
std::size_t to_half(std::span<const float> in, std::span<std::uint16_t> halves) {
  const Floats d;
  const hn::RebindToUnsigned<Floats> du;
  const hn::Rebind<std::uint16_t, Floats> dh;
  const auto most = hn::Set(d, kMostHalf), half = hn::Set(d, 0.5F), least = hn::Set(d, 0x1p-14F);
  std::size_t held = 0, i = 0;
  for (; i + kLanes <= in.size(); i += kLanes) {
    const auto value = hn::LoadU(d, in.data() + i);
    held += hn::CountTrue(d, hn::Gt(hn::Abs(value), most));
    const auto magnitude = hn::Min(hn::Abs(value), most);
    const auto bits = hn::BitCast(du, magnitude);
    const auto odd = hn::And(hn::ShiftRight<13>(bits), hn::Set(du, 1));
    const auto rebased = hn::Sub(bits, hn::Set(du, (127U - 15U) << 23));
    const auto normal = hn::ShiftRight<13>(hn::Add(rebased, hn::Add(odd, hn::Set(du, 0xFFF))));
    const auto small = hn::Sub(hn::BitCast(du, hn::Add(magnitude, half)), hn::BitCast(du, half));
    const auto is_small = hn::RebindMask(du, hn::Lt(magnitude, least));
    const auto sign = hn::And(hn::ShiftRight<16>(hn::BitCast(du, value)), hn::Set(du, 0x8000));
    const auto result = hn::Or(hn::IfThenElse(is_small, small, normal), sign);
    const hn::RebindToSigned<decltype(du)> di;
    // As int32, where values up to 65535 demote without being held to 32767.
    hn::StoreU(hn::DemoteTo(dh, hn::BitCast(di, result)), dh, halves.data() + i);
  }
  return held + reference::to_half(in.subspan(i), halves.subspan(i));
}

// The bits of the half in the place of a float's are its value times 2^-112. Beyond the finite ones
// the exponent becomes a float's own.
void from_half(std::span<const std::uint16_t> halves, std::span<float> out) {
  const Floats d;
  const hn::RebindToUnsigned<Floats> du;
  const hn::Rebind<std::uint16_t, Floats> dh;
  std::size_t i = 0;
  for (; i + kLanes <= halves.size(); i += kLanes) {
    const auto bits = hn::PromoteTo(du, hn::LoadU(dh, halves.data() + i));
    const auto magnitude = hn::ShiftLeft<13>(hn::And(bits, hn::Set(du, 0x7FFF)));
    const auto sign = hn::ShiftLeft<16>(hn::And(bits, hn::Set(du, 0x8000)));
    const auto value = hn::Mul(hn::BitCast(d, magnitude), hn::Set(d, 0x1p112F));
    const hn::RebindToSigned<decltype(du)> di;
    const auto most = hn::Set(di, static_cast<std::int32_t>((kHalfInfinity - 1) << 13));
    const auto beyond = hn::RebindMask(du, hn::Gt(hn::BitCast(di, magnitude), most));
    const auto exponent = hn::IfThenElseZero(beyond, hn::Set(du, 0x7F800000U));
    const auto result = hn::Or(hn::IfThenElse(beyond, magnitude, hn::BitCast(du, value)), exponent);
    hn::StoreU(hn::BitCast(d, hn::Or(result, sign)), d, out.data() + i);
  }
  reference::from_half(halves.subspan(i), out.subspan(i));
}

#endif  // HWY_TARGET == HWY_SCALAR

}  // namespace HWY_NAMESPACE
}  // namespace scrim
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace scrim::simd {
namespace {
HWY_EXPORT(quantise8);
HWY_EXPORT(quantise16);
HWY_EXPORT(dequantise8);
HWY_EXPORT(dequantise16);
HWY_EXPORT(to_half);
HWY_EXPORT(from_half);
}  // namespace

std::size_t quantise(std::span<const float> in, float step, std::span<std::int8_t> codes) noexcept {
  return HWY_DYNAMIC_DISPATCH(quantise8)(in, step, codes);
}

std::size_t quantise(std::span<const float> in, float step,
                     std::span<std::int16_t> codes) noexcept {
  return HWY_DYNAMIC_DISPATCH(quantise16)(in, step, codes);
}

void dequantise(std::span<const std::int8_t> codes, float step, std::span<float> out) noexcept {
  HWY_DYNAMIC_DISPATCH(dequantise8)(codes, step, out);
}

void dequantise(std::span<const std::int16_t> codes, float step, std::span<float> out) noexcept {
  HWY_DYNAMIC_DISPATCH(dequantise16)(codes, step, out);
}

std::size_t to_half(std::span<const float> in, std::span<std::uint16_t> halves) noexcept {
  return HWY_DYNAMIC_DISPATCH(to_half)(in, halves);
}

void from_half(std::span<const std::uint16_t> halves, std::span<float> out) noexcept {
  HWY_DYNAMIC_DISPATCH(from_half)(halves, out);
}

}  // namespace scrim::simd
#endif
