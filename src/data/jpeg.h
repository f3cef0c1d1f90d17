// Decoding a JPEG without a word on the standard error stream.
#pragma once

#include <scrim/dataset.h>

#include <cstdint>
#include <span>
#include <string>

namespace scrim {

// Decodes a whole JPEG as it is stored, not turned. OpenCV would do it too, but lets libjpeg print
// what it finds wrong, and returns a picture whose rest is grey.
//
// Throws kCorrupt with libjpeg's own reason, kUnsupported for the four inks of print (CMYK).
Image decode_jpeg(std::span<const std::uint8_t> bytes, int width, int height,
                  const std::string& name);

// The EXIF orientation, 1 (upright) to 8; 1 if the JPEG has none or it makes no sense.
int exif_orientation(std::span<const std::uint8_t> bytes);

// The picture turned and mirrored from the given orientation to upright.
Image upright(const Image& image, int orientation);

}  // namespace scrim
