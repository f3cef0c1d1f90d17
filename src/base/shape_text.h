// A shape in a sentence for people: "1x3x64x64".
#pragma once

#include <scrim/activation.h>

#include <cstdint>
#include <string>

namespace scrim {

inline std::string shape_text(const Shape& shape) {
  std::string text;
  for (const std::int64_t size : shape) text += (text.empty() ? "" : "x") + std::to_string(size);
  return text;
}

}  // namespace scrim
