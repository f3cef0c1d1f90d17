// The element types of safetensors that become float32, and how.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace scrim {

struct Dtype {
  std::string_view name;  // as the format spells it: "F32"
  std::size_t bytes;      // of one element
  // Converts little-endian elements. Throws kUnsupported at one that no float32 holds: an integer
  // that would be rounded, a finite double beyond the range.
  std::vector<float> (*to_float)(std::string_view bytes);
};

// The type of that name, or null if it is none that we read.
const Dtype* find_dtype(std::string_view name);

// IEEE 754 binary16, given as its bits.
float float_from_half(unsigned bits);

}  // namespace scrim
