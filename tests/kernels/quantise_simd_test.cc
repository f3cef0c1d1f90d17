#include "kernels/kernel_test.h"
#include "kernels/quantise.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>
#include <random>
#include <vector>

namespace scrim {
namespace {

constexpr std::size_t kLongestRow = 130;
constexpr std::size_t kRowMisalignments = 17;

// Over many magnitudes, with exact halves, values beyond every limit, and zeroes of both signs.
std::vector<float> values_of(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    const float magnitude = std::ldexp(1.0F + static_cast<float>(random() % 4096) / 4096.0F,
                                       static_cast<int>(random() % 45) - 28);
    const float half = static_cast<float>(random() % 600) * 0.5F;
    const float value = random() % 3 == 0 ? half : magnitude;
    values.push_back(random() % 2 == 0 ? value : -value);
  }
  return values;
}

// Runs both back ends at a misalignment, and expects the same bits, the same count, and no
// element written beyond the end.
template <typename In, typename Out, typename Run>
void expect_same(const std::vector<In>& in, std::size_t misalignment, const Run& run) {
  std::vector<In> moved(misalignment + in.size());
  std::copy(in.begin(), in.end(), moved.begin() + static_cast<std::ptrdiff_t>(misalignment));
  std::vector<Out> expected(in.size()), memory(misalignment + in.size() + 1, Out{77});
  const std::span<const In> from = std::span(moved).subspan(misalignment);
  const auto count = run(Backend::kReference, from, std::span(expected));
  const std::span<Out> to = std::span(memory).subspan(misalignment, in.size());
  EXPECT_EQ(run(Backend::kSimd, from, to), count);
  for (std::size_t i = 0; i < in.size(); ++i) {
    ASSERT_EQ(std::memcmp(&to[i], &expected[i], sizeof(Out)), 0)
        << "element " << i << " of " << in.size() << ": " << +in[i];
  }
  EXPECT_EQ(memory.back(), Out{77});
}

template <typename Body>
void for_each_length(const Body& body) {
  for_each_target([&](std::int64_t) {
    for (std::size_t length = 0; length <= kLongestRow; ++length)
      body(length, length % kRowMisalignments);
  });
}

template <typename Code>
void expect_same_codes(float step) {
  for_each_length([&](std::size_t length, std::size_t misalignment) {
    const std::vector<float> in = values_of(length, static_cast<unsigned>(length));
    expect_same<float, Code>(in, misalignment, [&](Backend backend, auto from, auto to) {
      return quantise(backend, from, step, to);
    });
    std::vector<Code> codes(length);
    quantise(Backend::kReference, in, step, codes);
    expect_same<Code, float>(codes, misalignment, [&](Backend backend, auto from, auto to) {
      dequantise(backend, from, step, to);
      return 0;
    });
  });
}

TEST(QuantiseSimd, GivesTheReferencesBits) {
  for (const float step : {1.0F, 0.37F}) {
    expect_same_codes<std::int8_t>(step);
    expect_same_codes<std::int16_t>(step);
  }
}

TEST(HalfSimd, GivesTheReferencesBits) {
  for_each_length([](std::size_t length, std::size_t misalignment) {
    const std::vector<float> in = values_of(length, static_cast<unsigned>(length));
    expect_same<float, std::uint16_t>(in, misalignment, [](Backend backend, auto from, auto to) {
      return to_half(backend, from, to);
    });
  });
}

TEST(HalfSimd, EveryHalfBecomesTheReferencesFloat) {
  std::vector<std::uint16_t> halves(0x10000);
  std::iota(halves.begin(), halves.end(), std::uint16_t{0});
  for_each_target([&](std::int64_t) {
    expect_same<std::uint16_t, float>(halves, 1, [](Backend backend, auto from, auto to) {
      from_half(backend, from, to);
      return 0;
    });
  });
}

}  // namespace
}  // namespace scrim
