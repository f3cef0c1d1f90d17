#include "data/jpeg.h"

#include "base/check.h"

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <string_view>

// After <cstdio>, which it needs and does not include.
#include <jerror.h>
#include <jpeglib.h>

namespace scrim {
namespace {

enum class Outcome { kDone, kCorrupt, kFourInks };

// What libjpeg reports, in place of its printing and exiting.
struct Report {
  jpeg_error_mgr manager;  // first: libjpeg hands back a pointer to it
  std::jmp_buf escape;
  char reason[JMSG_LENGTH_MAX];
};

Report& report_of(j_common_ptr info) { return *reinterpret_cast<Report*>(info->err); }

[[noreturn]] void on_error(j_common_ptr info) {
  Report& report = report_of(info);
  report.manager.format_message(info, report.reason);
  std::longjmp(report.escape, 1);
}

// Of libjpeg's warnings, those after which pixels are guessed. Others (a few stray bytes before a
// marker, as webcams write them; an unknown version number) leave the picture whole.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
      on_error(info);
    default:
      return;
  }
}

// Nothing here may need a destructor: an error leaves by longjmp.
Outcome decode_into(std::span<const std::uint8_t> bytes, Image& image, Report& report) {
  jpeg_decompress_struct info;
  info.err = jpeg_std_error(&report.manager);
  report.manager.error_exit = on_error;
  report.manager.emit_message = on_message;
  if (setjmp(report.escape) != 0) {
    jpeg_destroy_decompress(&info);
    return Outcome::kCorrupt;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, bytes.data(), bytes.size());
  jpeg_read_header(&info, TRUE);
  Outcome outcome = Outcome::kDone;
  if (info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK) {
    outcome = Outcome::kFourInks;
  } else if (info.image_width != static_cast<JDIMENSION>(image.width) ||
             info.image_height != static_cast<JDIMENSION>(image.height)) {
    std::snprintf(report.reason, sizeof report.reason, "it states two sizes");
    outcome = Outcome::kCorrupt;
  } else {
    info.out_color_space = JCS_EXT_BGR;
    jpeg_start_decompress(&info);
    while (info.output_scanline < info.output_height) {
      JSAMPROW row =
          image.pixels.data() + std::size_t{info.output_scanline} * info.output_width * 3;
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  }
  jpeg_destroy_decompress(&info);
  return outcome;
}

// EXIF is a TIFF file in a JPEG segment: numbers in either byte order.
class Tiff {
 public:
  explicit Tiff(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  // 0 where the bytes end before.
  std::uint32_t number(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return 0;
    const bool little = bytes_[0] == 'I';
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) {
      value = value << 8 | bytes_[at + (little ? size - 1 - i : i)];
    }
    return value;
  }

  int orientation() const {
    constexpr std::uint32_t kOrientation = 0x0112;
    const std::size_t directory = number(4, 4);
    const std::uint32_t entries = number(directory, 2);
    for (std::uint32_t i = 0; i < entries; ++i) {
      const std::size_t entry = directory + 2 + std::size_t{12} * i;
      if (number(entry, 2) != kOrientation) continue;
      const std::uint32_t value = number(entry + 8, 2);
      return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    }
    return 1;
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

}  // namespace

Image decode_jpeg(std::span<const std::uint8_t> bytes, int width, int height,
                  const std::string& name) {
  Image image{width, height, {}};
  image.pixels.resize(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  Report report{};
  switch (decode_into(bytes, image, report)) {
    case Outcome::kDone:
      return image;
    case Outcome::kFourInks:
      fail(ErrorCode::kUnsupported, name, " is a CMYK JPEG; save it as RGB");
    case Outcome::kCorrupt:
      break;
  }
  fail(ErrorCode::kCorrupt, name, " cannot be decoded: ", report.reason);
}

int exif_orientation(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kMagic("Exif\0\0", 6);
  std::size_t at = 2;
  while (at + 4 <= bytes.size() && bytes[at] == 0xFF && bytes[at + 1] != 0xDA) {
    const std::size_t length = std::size_t{bytes[at + 2]} << 8 | bytes[at + 3];
    const auto segment =
        bytes.subspan(at + 4).first(std::min(length < 2 ? 0 : length - 2, bytes.size() - at - 4));
    const std::string_view text(reinterpret_cast<const char*>(segment.data()), segment.size());
    if (bytes[at + 1] == 0xE1 && text.starts_with(kMagic) && text.size() > kMagic.size() + 8) {
      return Tiff(segment.subspan(kMagic.size())).orientation();
    }
    at += 2 + length;
  }
  return 1;
}

Image upright(const Image& image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const bool turned = orientation >= 5;  // rows become columns
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image result{turned ? image.height : image.width, turned ? image.width : image.height, {}};
  result.pixels.resize(image.pixels.size());
  auto* out = result.pixels.data();
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x, out += 3) {
      int column = turned ? y : x, row = turned ? x : y;
      if (flip_x) column = image.width - 1 - column;
      if (flip_y) row = image.height - 1 - row;
      const auto* in = &image.pixels[3 * (static_cast<std::size_t>(row) * image.width + column)];
      std::copy_n(in, 3, out);
    }
  }
  return result;
}

}  // namespace scrim
