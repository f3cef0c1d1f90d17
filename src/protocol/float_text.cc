#include "protocol/float_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace scrim {
namespace {

constexpr int kDigits = 9;
constexpr std::uint32_t kLeast = 100'000'000;  // of nine digits
constexpr std::uint32_t kBeyond = 1'000'000'000;
constexpr std::string_view kPrefix = "0.000000";

// 10^-5 to 10^9: the first of the magnitudes that have a fixed point, and the end of them.
constexpr int kLeastExponent = -5;
constexpr std::array kSteps = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2,
                               1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9};

// How nine digits are made of a number that is at least 10^exponent and below ten times that, and
// where they go.
struct Places {
  double power = 0;         // 10^(8 - exponent), which a double holds exactly
  std::uint8_t whole = 0;   // digits before the point
  std::uint8_t first = 0;   // of the first digit
  std::uint8_t point = 20;  // of the point that divides them; behind all of the text if none does
  std::uint8_t shift = 0;   // bits of the digits behind the first that lie before the point
  std::uint8_t extra = 0;   // characters besides the digits
};

constexpr Places places_of(int exponent, double power) {
  Places places{.power = power};
  if (exponent < 0) {
    places.first = places.extra = static_cast<std::uint8_t>(1 - exponent);  // "0.0..."
  } else {
    places.whole = places.point = static_cast<std::uint8_t>(exponent + 1);
    places.shift = static_cast<std::uint8_t>(8 * exponent % 64);
    places.extra = 1;
  }
  return places;
}

// From each step on, and the first before all steps. Those have a power of 0, and the last too,
// where there is no fixed point.
constexpr auto kPlaces = [] {
  std::array<Places, kSteps.size() + 1> places{};
  double power = 1e13;
  for (std::size_t i = 1; i < kSteps.size(); ++i, power /= 10) {
    places[i] = places_of(static_cast<int>(i) - 1 + kLeastExponent, power);
  }
  return places;
}();
static_assert(kPlaces[kSteps.size() - 1].power == 1);

// The floats of one binary exponent: their place in kPlaces, one more from the next step on.
struct Binade {
  double next = 0;
  std::size_t places = 0;
};
constexpr auto kBinades = [] {
  std::array<Binade, 256> binades{};
  double least = 0x1p-126;
  for (std::size_t i = 1; i < 255; ++i, least *= 2) {
    std::size_t& places = binades[i].places;
    while (places < kSteps.size() && kSteps[places] <= least) ++places;
    binades[i].next = places < kSteps.size() ? kSteps[places] : std::numeric_limits<double>::max();
  }
  binades[0].next = binades[255].next = std::numeric_limits<double>::max();
  return binades;
}();

// The three digits of each number below 1000 as text, the first one in the lowest byte.
constexpr auto kThrees = [] {
  std::array<std::uint32_t, 1000> threes{};
  for (std::uint32_t i = 0; i < threes.size(); ++i) {
    threes[i] = 0x303030 + i / 100 + (i / 10 % 10 << 8) + (i % 10 << 16);
  }
  return threes;
}();
// How many of them there are without zeros behind.
constexpr auto kCounts = [] {
  std::array<std::uint8_t, 1000> counts{};
  for (std::size_t i = 1; i < counts.size(); ++i)
    counts[i] = i % 100 == 0 ? 1 : i % 10 == 0 ? 2 : 3;
  return counts;
}();

char* write_zero(bool negative, char* to) {
  const std::string_view text = negative ? "-0.0" : "0";  // "-0" is an integer, which has no sign
  return std::copy(text.begin(), text.end(), to);
}

// For magnitudes without a fixed point: the shortest digits of the float, or those of the double
// that it is, where a reader that takes a number for a double would round the former to another.
[[gnu::noinline]] char* write_any(float value, char* to) {
  if (value == 0) return write_zero(std::signbit(value), to);
  char* end = std::to_chars(to, to + kFloatTextBytes, value).ptr;
  double read = 0;
  std::from_chars(to, end, read);
  if (static_cast<float>(read) == value) return end;
  return std::to_chars(to, to + kFloatTextBytes, static_cast<double>(value)).ptr;
}

}  // namespace

// Without branches that depend on the digits: a processor would guess wrong at every third float.
char* write_float(float value, char* to) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const double magnitude = std::abs(static_cast<double>(value));
  const Binade& binade = kBinades[bits >> 23 & 0xFF];
  const Places& places = kPlaces[binade.places + (magnitude >= binade.next ? 1 : 0)];
  const double above = magnitude * places.power + 0.5;
  const auto number = static_cast<std::uint32_t>(above);
  if (number - kLeast >= kBeyond - kLeast) return write_any(value, to);

  const std::uint32_t six = number / 1000, last = number % 1000;
  const std::uint32_t first = six / 1000, middle = six % 1000;
  const std::uint64_t digits = kThrees[first] >> 8 | std::uint64_t{kThrees[middle]} << 16 |
                               std::uint64_t{kThrees[last]} << 40;  // behind the first
  int count = kDigits - 3 + kCounts[last];
  if (last == 0) count = middle == 0 ? kCounts[first] : 3 + kCounts[middle];

  *to = '-';
  to += bits >> 31;
  std::memcpy(to, kPrefix.data(), kPrefix.size());
  to[places.first] = static_cast<char>(kThrees[first]);
  std::memcpy(to + places.first + 1, &digits, sizeof(digits));
  const std::uint64_t behind = digits >> places.shift;
  to[places.point] = '.';
  std::memcpy(to + places.point + 1, &behind, sizeof(behind));
  return to + (count > places.whole ? count + places.extra : places.whole);
}

}  // namespace scrim
