#include "protocol/number_array.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace scrim {
namespace {

// 10^0 to 10^22, which doubles hold exactly.
constexpr std::array kTens = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                              1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                              1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kExact = std::uint64_t{1} << 53;  // doubles hold all integers up to here
constexpr std::ptrdiff_t kMostDigits = 19;                // that 64 bits hold
constexpr std::ptrdiff_t kMostOfInteger = 15;             // that a double holds
constexpr std::ptrdiff_t kEight = 8;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::uint64_t load_eight(const char* at) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof(eight));
  return eight;
}

bool are_digits(std::uint64_t eight) {
  constexpr std::uint64_t kHigh = 0xF0F0F0F0F0F0F0F0;
  const std::uint64_t over = (eight + 0x0606060606060606) & kHigh;
  return ((eight & kHigh) | (over >> 4)) == 0x3333333333333333;
}

// The number that eight digits are: pairs of them, pairs of pairs, and both halves.
std::uint64_t number_of(std::uint64_t eight) {
  constexpr std::uint64_t kBytes = 0x000000FF000000FF;
  eight -= 0x3030303030303030;
  eight = eight * 10 + (eight >> 8);
  return ((eight & kBytes) * 0x000F424000000064 + ((eight >> 16) & kBytes) * 0x0000271000000001) >>
         32;
}

class NumberReader {
 public:
  explicit NumberReader(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()) {}

  std::optional<NumberArray> read() {
    constexpr std::size_t kUsualText = 11;  // "0.12345678,"
    NumberArray array;
    array.values.reserve(static_cast<std::size_t>(end_ - begin_) / kUsualText);
    do {
      skip_space();
      double value = 0;
      if (!read_number(value)) return std::nullopt;
      array.values.push_back(value);
      skip_space();
    } while (take(','));
    if (at_ == end_ || *at_ != ']') return std::nullopt;
    array.integers = integers_;
    array.length = static_cast<std::size_t>(at_ - begin_);
    return array;
  }

 private:
  bool take(char c) {
    const bool is = at_ != end_ && *at_ == c;
    at_ += is ? 1 : 0;
    return is;
  }

  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  // Appends the digits that come to `number` and returns how many they are. More than kMostDigits
  // wrap around.
  std::ptrdiff_t read_digits(std::uint64_t& number) {
    const char* first = at_;
    while (end_ - at_ >= kEight) {
      const std::uint64_t eight = load_eight(at_);
      if (!are_digits(eight)) break;
      number = number * 100'000'000 + number_of(eight);
      at_ += kEight;
    }
    for (; at_ != end_ && is_digit(*at_); ++at_) {
      number = number * 10 + static_cast<std::uint64_t>(*at_ - '0');
    }
    return at_ - first;
  }

  // By the grammar of RFC 8259.
  bool read_number(double& value) {
    const char* first = at_;
    const bool negative = take('-');
    const bool zero = at_ != end_ && *at_ == '0';
    std::uint64_t number = 0;
    const std::ptrdiff_t whole = read_digits(number);
    if (whole == 0 || (zero && whole > 1)) return false;
    std::ptrdiff_t behind = 0;
    if (take('.')) {
      behind = read_digits(number);
      if (behind == 0) return false;
    }
    if (take('e') || take('E')) return read_exponent() && read_exactly(first, value);
    if (behind == 0) {  // "-0" is an integer, which has no sign
      value = number == 0 || !negative ? static_cast<double>(number) : -static_cast<double>(number);
      return whole <= kMostOfInteger;
    }
    integers_ = false;
    if (whole + behind > kMostDigits || number > kExact) return read_exactly(first, value);
    value = static_cast<double>(number) / kTens[static_cast<std::size_t>(behind)];
    if (negative) value = -value;
    return true;
  }

  bool read_exponent() {
    integers_ = false;
    if (!take('+')) take('-');
    std::uint64_t digits = 0;
    return read_digits(digits) > 0;
  }

  // A number whose text ends here.
  bool read_exactly(const char* first, double& value) const {
    return std::from_chars(first, at_, value).ec == std::errc();
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  bool integers_ = true;
};

}  // namespace

// Only the array's own text is looked at, and room made for it: a message may hold many arrays.
std::optional<NumberArray> read_numbers(std::string_view text) {
  const std::size_t bracket = text.find(']');
  if (bracket == std::string_view::npos) return std::nullopt;
  return NumberReader(text.substr(0, bracket + 1)).read();
}

}  // namespace scrim
