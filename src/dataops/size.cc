// Sizes as people and Kubernetes write them.
#include <scrim/dataops.h>

#include "base/check.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace scrim {
namespace {

struct Unit {
  std::string_view suffix;
  std::uint64_t bytes;
};

constexpr std::uint64_t kKibi = 1024, kKilo = 1000;
constexpr std::array kUnits = {
    Unit{"Ei", kKibi* kKibi* kKibi* kKibi* kKibi* kKibi},
    Unit{"Pi", kKibi* kKibi* kKibi* kKibi* kKibi},
    Unit{"Ti", kKibi* kKibi* kKibi* kKibi},
    Unit{"Gi", kKibi* kKibi* kKibi},
    Unit{"Mi", kKibi* kKibi},
    Unit{"Ki", kKibi},
    Unit{"E", kKilo* kKilo* kKilo* kKilo* kKilo* kKilo},
    Unit{"P", kKilo* kKilo* kKilo* kKilo* kKilo},
    Unit{"T", kKilo* kKilo* kKilo* kKilo},
    Unit{"G", kKilo* kKilo* kKilo},
    Unit{"M", kKilo* kKilo},
    Unit{"k", kKilo},
    Unit{"", 1},
};
constexpr std::size_t kMostDigits = 18;

[[noreturn]] void no_size(std::string_view text) {
  fail(ErrorCode::kInvalidArgument, "size '", text.substr(0, 40),
       "' is none: a number above 0 and a unit, as in 50Gi, 500M or 1.5Ti");
}

// Digits with at most one point, in units of 10^-decimals.
std::pair<std::uint64_t, int> number_of(std::string_view digits, std::string_view text) {
  std::uint64_t number = 0;
  int decimals = -1;
  std::size_t count = 0;
  for (const char c : digits) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (c < '0' || c > '9' || ++count > kMostDigits) no_size(text);
    number = 10 * number + static_cast<std::uint64_t>(c - '0');
    if (decimals >= 0) ++decimals;
  }
  if (count == 0 || number == 0) no_size(text);
  return {number, std::max(decimals, 0)};
}

}  // namespace

std::uint64_t parse_size(std::string_view text) {
  for (const auto& [suffix, bytes] : kUnits) {
    if (!text.ends_with(suffix)) continue;
    const auto [number, decimals] = number_of(text.substr(0, text.size() - suffix.size()), text);
    unsigned __int128 product = static_cast<unsigned __int128>(number) * bytes;
    for (int i = 0; i < decimals; ++i) product = (product + 9) / 10;
    check(product <= std::numeric_limits<std::int64_t>::max(), "size '", text,
          "' is above 2^63 - 1 bytes");
    return static_cast<std::uint64_t>(product);
  }
  no_size(text);
}

std::string size_text(std::uint64_t bytes) {
  std::string best = std::to_string(bytes);
  for (const auto& [suffix, unit] : kUnits) {
    if (bytes == 0 || bytes % unit != 0) continue;
    const std::string text = std::to_string(bytes / unit) + std::string(suffix);
    if (text.size() < best.size()) best = text;
  }
  return best;
}

}  // namespace scrim
