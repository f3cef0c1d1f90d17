#include "protocol/float_text.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace scrim {
namespace {

constexpr int kDigits = 9;
constexpr std::uint32_t kLeast = 100'000'000;  // of nine digits
constexpr std::uint32_t kBeyond = 1'000'000'000;
constexpr std::string_view kPrefix = "0.0000";
constexpr std::uint64_t kZeros = 0x3030303030303030;  // "00000000"

// 10^0 to 10^14, which doubles hold exactly.
constexpr std::array kPowers = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
// 10^-5 to 10^9: where a number of nine digits gets one more before the point.
constexpr int kLeastExponent = -5;
constexpr std::array kSteps = {1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2,
                               1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9};

// Where the nine digits of a number go that is at least 10^exponent and below ten times that.
struct Places {
  std::uint8_t whole = 0;   // digits before the point
  std::uint8_t first = 0;   // of the first digit
  std::uint8_t point = 20;  // of the point that divides them; behind all of the text if none does
  std::uint8_t shift = 0;   // bits of the digits behind the first that lie before the point
  std::uint8_t extra = 0;   // characters besides the digits
};

constexpr auto kPlaces = [] {
  std::array<Places, kSteps.size() - 1> places{};
  for (std::size_t i = 0; i < places.size(); ++i) {
    const int exponent = static_cast<int>(i) + kLeastExponent;
    if (exponent < 0) {
      places[i].first = places[i].extra = static_cast<std::uint8_t>(1 - exponent);  // "0.0..."
      continue;
    }
    const auto whole = static_cast<std::uint8_t>(exponent + 1);
    places[i].whole = places[i].point = whole;
    places[i].shift = static_cast<std::uint8_t>(8 * exponent % 64);
    places[i].extra = 1;
  }
  return places;
}();

// The eight digits of a number below 10^8 as text, the first one in the lowest byte: halves of four
// digits, of two, of one, side by side in one register.
std::uint64_t eight_digits(std::uint32_t number) {
  const std::uint64_t fours = number / 10'000 | std::uint64_t{number % 10'000} << 32;
  const std::uint64_t hundreds = ((fours * 10486) >> 20) & 0x0000'007F'0000'007F;  // fours / 100
  const std::uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
  const std::uint64_t tens = ((twos * 103) >> 10) & 0x000F'000F'000F'000F;  // twos / 10
  return (tens | (twos - 10 * tens) << 8) + kZeros;
}

// For magnitudes without a fixed point: the shortest digits of the float, or those of the double
// that it is, where a reader that takes a number for a double would round the former to another.
char* write_any(float value, char* to) {
  char* end = std::to_chars(to, to + kFloatTextBytes, value).ptr;
  double read = 0;
  std::from_chars(to, end, read);
  if (static_cast<float>(read) == value) return end;
  return std::to_chars(to, to + kFloatTextBytes, static_cast<double>(value)).ptr;
}

char* write_zero(bool negative, char* to) {
  const std::string_view text = negative ? "-0.0" : "0";  // "-0" is an integer, which has no sign
  return std::copy(text.begin(), text.end(), to);
}

}  // namespace

// Without branches that depend on the digits: a processor would guess wrong at every third float.
char* write_float(float value, char* to) {
  const double magnitude = std::abs(static_cast<double>(value));
  if (magnitude == 0) return write_zero(std::signbit(value), to);
  if (!(magnitude >= kSteps.front() && magnitude < kSteps.back())) return write_any(value, to);
  // floor(log10(magnitude)) from the binary exponent, where 1233 / 4096 is log10(2), or one less.
  const int binary = static_cast<int>(std::bit_cast<std::uint64_t>(magnitude) >> 52) - 1023;
  int exponent = std::max((binary * 1233) >> 12, kLeastExponent);
  exponent += magnitude >= kSteps[static_cast<std::size_t>(exponent + 1 - kLeastExponent)] ? 1 : 0;
  const double scaled = magnitude * kPowers[static_cast<std::size_t>(kDigits - 1 - exponent)];
  const std::uint32_t number = (static_cast<std::uint32_t>(2 * scaled) + 1) / 2;  // rounded
  if (number < kLeast || number >= kBeyond) return write_any(value, to);

  const char digit = static_cast<char>('0' + number / kLeast);
  const std::uint64_t digits = eight_digits(number % kLeast);
  const int count = kDigits - std::countl_zero(digits ^ kZeros) / 8;  // without zeros behind

  *to = '-';
  to += std::bit_cast<std::uint32_t>(value) >> 31;
  const Places& places = kPlaces[static_cast<std::size_t>(exponent - kLeastExponent)];
  std::memcpy(to, kPrefix.data(), kPrefix.size());
  to[places.first] = digit;
  std::memcpy(to + places.first + 1, &digits, sizeof(digits));
  const std::uint64_t behind = digits >> places.shift;
  to[places.point] = '.';
  std::memcpy(to + places.point + 1, &behind, sizeof(behind));
  return to + (count > places.whole ? count + places.extra : places.whole);
}

}  // namespace scrim
