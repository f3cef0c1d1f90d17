#include "repository/config_fault.h"

#include <algorithm>

namespace scrim {

std::string shown(const std::string& text) {
  constexpr std::size_t kMost = 64;
  std::string result = text.substr(0, kMost);
  std::ranges::replace_if(
      result, [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  return "'" + result + (text.size() > kMost ? "...'" : "'");
}

}  // namespace scrim
