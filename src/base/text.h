// Pieces of sentences.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// "a, b, c"
inline std::string joined(const std::vector<std::string>& parts, std::string_view between = ", ") {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += between;
    text += part;
  }
  return text;
}

}  // namespace scrim
