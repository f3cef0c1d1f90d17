#include "protocol/number_array.h"

#include <array>
#include <bit>
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
constexpr std::ptrdiff_t kSixteen = 16;
constexpr std::uint64_t kEach = 0x0101010101010101;  // times a character: eight of it
constexpr std::uint64_t kTop = 0x80 * kEach;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::uint64_t load_eight(const char* at) {
  std::uint64_t eight = 0;
  std::memcpy(&eight, at, sizeof(eight));
  return eight;
}

// The top bit of every byte that is no digit, where '0' is 0; others too if there is one.
std::uint64_t no_digits(std::uint64_t eight) { return (eight | (eight + 0x76 * kEach)) & kTop; }

// The place of the first such character, or 8.
int place_of(char c, std::uint64_t eight) {
  const std::uint64_t others = eight ^ (static_cast<std::uint8_t>(c) * kEach);
  return std::countr_zero((others - kEach) & ~others & kTop) / 8;
}

// The last n of sixteen bytes.
struct Sixteen {
  std::uint64_t first = 0, last = 0;
};
constexpr auto kLast = [] {
  std::array<Sixteen, kSixteen + 1> masks{};
  for (std::size_t n = 1; n <= kSixteen; ++n) {
    (n <= 8 ? masks[n].last : masks[n].first) = ~std::uint64_t{0} << (8 * (16 - n) % 64);
    if (n > 8) masks[n].last = ~std::uint64_t{0};
  }
  return masks;
}();

// The number that eight digits are, where '0' is 0: pairs of them, pairs of pairs, both halves.
std::uint64_t number_of(std::uint64_t eight) {
  constexpr std::uint64_t kBytes = 0x000000FF000000FF;
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
      while (read_usual(value)) {
        array.values.push_back(value);
        skip_space();
      }
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

  // Reads digits with a point among them and the comma behind, at most sixteen characters: what
  // nearly all numbers are. Anything else is left where it is. Without branches that depend on how
  // many digits there are: a processor would guess wrong at every second number.
  bool read_usual(double& value) {
    if (at_ - begin_ < kSixteen || end_ - at_ < kSixteen) return false;
    const std::uint64_t eight = load_eight(at_);
    const int near = place_of(',', eight);
    const int length = near + (near == kEight ? place_of(',', load_eight(at_ + kEight)) : 0);
    const int negative = (eight & 0xFF) == '-' ? 1 : 0;
    const int whole = place_of('.', load_eight(at_ + negative));
    const int behind = length - negative - whole - 1;
    const bool usual = length < kSixteen && whole > 0 && whole < kEight && behind > 0 &&
                       (whole == 1 || at_[negative] != '0');
    if (!usual) return false;
    // The sixteen characters that end before the comma: those before the point go one further.
    const char* end = at_ + length;
    const Sixteen text{load_eight(end - kSixteen) ^ '0' * kEach,
                       load_eight(end - kEight) ^ '0' * kEach};
    const Sixteen moved{text.first << 8, text.last << 8 | text.first >> 56};
    const Sixteen& after = kLast[static_cast<std::size_t>(behind)];
    const int both = behind + whole;
    const Sixteen& all = kLast[static_cast<std::size_t>(both)];
    const std::uint64_t first =
        (moved.first ^ ((moved.first ^ text.first) & after.first)) & all.first;
    const std::uint64_t last = (moved.last ^ ((moved.last ^ text.last) & after.last)) & all.last;
    if ((no_digits(first) | no_digits(last)) != 0) return false;
    const std::uint64_t number = number_of(first) * 100'000'000 + number_of(last);
    value = static_cast<double>(static_cast<std::int64_t>(number)) /
            kTens[static_cast<std::size_t>(behind)];
    value = std::bit_cast<double>(std::bit_cast<std::uint64_t>(value) |
                                  static_cast<std::uint64_t>(negative) << 63);
    integers_ = false;
    at_ = end + 1;
    return true;
  }

  // Appends the digits that come to `number` and returns how many they are. More than kMostDigits
  // wrap around.
  std::ptrdiff_t read_digits(std::uint64_t& number) {
    const char* first = at_;
    while (end_ - at_ >= kEight) {
      const std::uint64_t eight = load_eight(at_) ^ '0' * kEach;
      if (no_digits(eight) != 0) break;
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
