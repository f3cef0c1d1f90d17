// The error of radius() and cos_sin() on every input that float32 tells apart, and what it means
// for a draw, for every instruction set of this machine.
#include "kernels/kernel_test.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/normals_test.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "kernels/normals-inl.h"

HWY_BEFORE_NAMESPACE();
namespace scrim {
namespace HWY_NAMESPACE {

// count: a multiple of 16.
void radii(const std::uint32_t* w1, std::size_t count, float* r) {
  const hn::CappedTag<float, 16> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    hn::StoreU(radius(d, hn::LoadU(du, w1 + i)), d, r + i);
  }
}

void cosines_and_sines(const std::uint32_t* w2, std::size_t count, float* c, float* s) {
  const hn::CappedTag<float, 16> d;
  const hn::RebindToUnsigned<decltype(d)> du;
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    hn::Vec<decltype(d)> cosine, sine;
    cos_sin(d, hn::LoadU(du, w2 + i), cosine, sine);
    hn::StoreU(cosine, d, c + i);
    hn::StoreU(sine, d, s + i);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace scrim
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace scrim {
namespace {
HWY_EXPORT(radii);
HWY_EXPORT(cosines_and_sines);

constexpr std::size_t kNormalBins = 64;
constexpr std::size_t kNormalChunk = 4096;

// The largest relative error seen, by the leading bits of the value's mantissa.
struct Errors {
  std::array<double, kNormalBins> by_mantissa = {};

  void add(float value, double exact) {
    if (exact == 0) {
      ASSERT_EQ(value, 0.0F);
      return;
    }
    const auto bin = std::bit_cast<std::uint64_t>(exact) >> 46 & (kNormalBins - 1);
    const double error = std::abs((value - exact) / exact);
    by_mantissa[bin] = std::max(by_mantissa[bin], error);
  }
  double largest() const { return *std::max_element(by_mantissa.begin(), by_mantissa.end()); }
};

// Calls body(chunk of words) for `last` and below, one word for each float32 that words round to.
template <typename Body>
void for_each_distinct(std::uint64_t last, const Body& body) {
  std::vector<std::uint32_t> chunk;
  for (std::uint64_t w = 0; w <= last;) {
    chunk.push_back(static_cast<std::uint32_t>(w));
    w += std::max<std::uint64_t>(std::bit_floor(w) >> 23, 1);
    if (chunk.size() < kNormalChunk && w <= last) continue;
    chunk.resize((chunk.size() + 15) / 16 * 16, chunk.back());
    body(chunk);
    chunk.clear();
  }
}

std::vector<Errors> errors_of_radius() {
  std::vector<Errors> errors(hwy::SupportedAndGeneratedTargets().size());
  std::vector<double> exact(kNormalChunk);
  std::vector<float> r(kNormalChunk);
  for_each_distinct(0xffffffffU, [&](const std::vector<std::uint32_t>& w1) {
    for (std::size_t i = 0; i < w1.size(); ++i) {
      const double u1 = static_cast<double>(static_cast<float>(w1[i]) + 0.5F) * 0x1p-32;
      exact[i] = std::sqrt(-2 * std::log(u1));
    }
    std::size_t t = 0;
    for_each_target([&](std::int64_t) {
      HWY_DYNAMIC_DISPATCH(radii)(w1.data(), w1.size(), r.data());
      for (std::size_t i = 0; i < w1.size(); ++i) errors[t].add(r[i], exact[i]);
      ++t;
    });
  });
  return errors;
}

// In the quadrant around angle 0: the others differ by exchange and sign alone, without rounding.
std::vector<Errors> errors_of_cos_sin() {
  std::vector<Errors> errors(hwy::SupportedAndGeneratedTargets().size());
  std::vector<double> exact_cosine(kNormalChunk), exact_sine(kNormalChunk);
  std::vector<float> c(kNormalChunk), s(kNormalChunk);
  for_each_distinct(0x20000000U, [&](const std::vector<std::uint32_t>& w2) {
    for (std::size_t i = 0; i < w2.size(); ++i) {
      const double angle =
          static_cast<double>(static_cast<float>(w2[i])) * 0x1p-31 * std::numbers::pi;
      exact_cosine[i] = std::cos(angle);
      exact_sine[i] = std::sin(angle);
    }
    std::size_t t = 0;
    for_each_target([&](std::int64_t) {
      HWY_DYNAMIC_DISPATCH(cosines_and_sines)(w2.data(), w2.size(), c.data(), s.data());
      for (std::size_t i = 0; i < w2.size(); ++i) {
        errors[t].add(c[i], exact_cosine[i]);
        errors[t].add(s[i], exact_sine[i]);
      }
      ++t;
    });
  });
  return errors;
}

// Most ulp between the rounded product of two factors and the rounded exact product: their relative
// errors add, one ulp is 2^-23 of a mantissa 1 and 2^-24 of a mantissa 2, two values are rounded.
double bound_in_ulp(const Errors& r, const Errors& c) {
  const auto edge = [](std::size_t bin) { return 1 + static_cast<double>(bin) / kNormalBins; };
  double bound = 0;
  for (std::size_t i = 0; i < kNormalBins; ++i) {
    for (std::size_t j = 0; j < kNormalBins; ++j) {
      const double high = edge(i + 1) * edge(j + 1);
      const double mantissa = edge(i) * edge(j) >= 2 ? high / 2 : std::min(high, 2.0);
      bound = std::max(bound, (r.by_mantissa[i] + c.by_mantissa[j]) * mantissa * 0x1p23 + 1.0);
    }
  }
  return bound;
}

TEST(Normals, AreWithinFourUlpOfTheReferenceForEveryPairOfWords) {
  const std::vector<Errors> r = errors_of_radius();
  const std::vector<Errors> c = errors_of_cos_sin();
  std::size_t t = 0;
  for_each_target([&](std::int64_t id) {
    const std::string target = hwy::TargetName(id);
    const double bound = bound_in_ulp(r[t], c[t]);
    EXPECT_LE(bound, 4.0);
    RecordProperty(target + "_radius_2^-24", std::to_string(r[t].largest() * 0x1p24));
    RecordProperty(target + "_cos_sin_2^-24", std::to_string(c[t].largest() * 0x1p24));
    RecordProperty(target + "_draw_ulp", std::to_string(bound));
    ++t;
  });
}

}  // namespace
}  // namespace scrim
#endif  // HWY_ONCE
