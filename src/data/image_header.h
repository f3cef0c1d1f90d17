// The size of a picture from its first bytes, and whether its last bytes are there.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace scrim {

struct ImageHeader {
  int width = 0;
  int height = 0;
};

// Reads the size of a JPEG, PNG, binary PGM or binary PPM and follows its segments to the end,
// without decoding. Throws kCorrupt if it is none of these, has no pixel, or is cut short: the
// decoders would fill the missing part with grey and call it a picture.
ImageHeader read_image_header(std::span<const std::uint8_t> bytes, const std::string& name);

}  // namespace scrim
