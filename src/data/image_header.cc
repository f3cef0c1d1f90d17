#include "data/image_header.h"

#include "base/check.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstring>
#include <limits>
#include <string_view>

namespace scrim {
namespace {

constexpr std::uint32_t kPngHeader = 0x49484452;  // "IHDR"
constexpr std::uint32_t kPngEnd = 0x49454E44;     // "IEND"

// Big-endian reads that fail with one sentence when the bytes run out.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, const std::string& name)
      : bytes_(bytes), name_(name) {}

  std::size_t position() const { return position_; }
  // The bytes from `from` to the current position.
  std::span<const std::uint8_t> since(std::size_t from) const {
    return bytes_.subspan(from, position_ - from);
  }
  void skip(std::size_t count) { take(count); }
  std::uint32_t u8() { return take(1)[0]; }
  std::uint32_t u16() {
    const auto b = take(2);
    return static_cast<std::uint32_t>(b[0]) << 8 | b[1];
  }
  std::uint32_t u32() {
    const std::uint32_t high = u16();
    return high << 16 | u16();
  }
  // Moves to just behind the next `value`.
  void find(std::uint8_t value) {
    const auto rest = bytes_.subspan(position_);
    const auto at = std::find(rest.begin(), rest.end(), value);
    if (at == rest.end()) cut_short();
    position_ += static_cast<std::size_t>(at - rest.begin()) + 1;
  }
  [[noreturn]] void cut_short() const {
    fail(ErrorCode::kCorrupt, name_, " is cut short after ", bytes_.size(), " bytes");
  }
  [[noreturn]] void bad(const char* what) const {
    fail(ErrorCode::kCorrupt, name_, " has ", what, " at byte ", position_);
  }

 private:
  std::span<const std::uint8_t> take(std::size_t count) {
    if (count > bytes_.size() - position_) cut_short();
    position_ += count;
    return bytes_.subspan(position_ - count, count);
  }

  std::span<const std::uint8_t> bytes_;
  const std::string& name_;
  std::size_t position_ = 0;
};

// The size as int; values that do not fit saturate, and are refused by whoever asked.
ImageHeader header_of(std::uint64_t width, std::uint64_t height, const Reader& reader) {
  if (width == 0 || height == 0) reader.bad("a width or height of 0");
  const std::uint64_t most = std::numeric_limits<int>::max();
  return {static_cast<int>(std::min(width, most)), static_cast<int>(std::min(height, most))};
}

// ITU T.81 annex B: the markers that carry the frame's size.
bool is_frame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool stands_alone(std::uint32_t marker) {
  return marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7);
}

ImageHeader read_jpeg(Reader reader) {
  ImageHeader header;
  reader.skip(2);
  while (true) {
    // Also steps over entropy-coded data, where a byte 0xFF is followed by 0 or a restart marker.
    reader.find(0xFF);
    std::uint32_t marker = reader.u8();
    while (marker == 0xFF) marker = reader.u8();
    if (marker == 0xD9) break;
    if (stands_alone(marker)) continue;
    const std::uint32_t length = reader.u16();
    if (length < 2) reader.bad("a JPEG segment without its length");
    if (!is_frame(marker)) {
      reader.skip(length - 2);
      continue;
    }
    if (length < 8) reader.bad("a JPEG frame without its size");
    reader.skip(1);
    const std::uint32_t height = reader.u16();
    header = header_of(reader.u16(), height, reader);
    reader.skip(length - 7);
  }
  if (header.width == 0) reader.bad("no JPEG frame");
  return header;
}

// The CRC-32 of PNG (ISO 3309), by the table of ISO 15948 annex D.
std::uint32_t crc32(std::span<const std::uint8_t> bytes) {
  static constexpr auto kTable = [] {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t n = 0; n < 256; ++n) {
      table[n] = n;
      for (int bit = 0; bit < 8; ++bit) {
        table[n] = (table[n] & 1U) != 0 ? 0xEDB88320U ^ (table[n] >> 1) : table[n] >> 1;
      }
    }
    return table;
  }();
  std::uint32_t crc = 0xFFFFFFFFU;
  for (const std::uint8_t byte : bytes) crc = kTable[(crc ^ byte) & 0xFFU] ^ (crc >> 8);
  return ~crc;
}

// Checks every chunk's CRC: libpng would print about a damaged one.
ImageHeader read_png(Reader reader) {
  reader.skip(8);
  ImageHeader header;
  std::uint32_t type = 0;
  while (type != kPngEnd) {
    const std::uint32_t length = reader.u32();
    const std::size_t start = reader.position();
    type = reader.u32();
    if (header.width == 0) {
      if (type != kPngHeader || length != 13) reader.bad("no PNG header");
      const std::uint32_t width = reader.u32();
      header = header_of(width, reader.u32(), reader);
      reader.skip(5);
    } else {
      reader.skip(length);
    }
    const std::uint32_t expected = crc32(reader.since(start));
    if (reader.u32() != expected) reader.bad("a damaged PNG chunk");
  }
  return header;
}

// A number of a PGM or PPM header, after spaces and comments; the byte behind it is consumed.
std::uint64_t pnm_number(Reader& reader) {
  std::uint32_t c = reader.u8();
  while (std::isspace(static_cast<int>(c)) || c == '#') {
    if (c == '#') reader.find('\n');
    c = reader.u8();
  }
  std::uint64_t value = 0;
  if (c < '0' || c > '9') reader.bad("no number");
  for (; c >= '0' && c <= '9'; c = reader.u8()) {
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<std::uint32_t>::max()) reader.bad("too large a number");
  }
  return value;
}

ImageHeader read_pnm(Reader reader, std::uint64_t channels) {
  reader.skip(2);
  const std::uint64_t width = pnm_number(reader);
  const std::uint64_t height = pnm_number(reader);
  const std::uint64_t maximum = pnm_number(reader);
  if (maximum == 0 || maximum > 65535) reader.bad("a maximum outside 1 to 65535");
  const ImageHeader header = header_of(width, height, reader);
  // 32-bit factors, so the first product fits; the rows are stepped over one by one.
  const std::uint64_t row = width * channels * (maximum > 255 ? 2 : 1);
  for (std::uint64_t y = 0; y < height; ++y) reader.skip(row);
  return header;
}

bool starts_with(std::span<const std::uint8_t> bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

}  // namespace

ImageHeader read_image_header(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (bytes.empty()) fail(ErrorCode::kCorrupt, name, " is empty: 0 bytes");
  const Reader reader(bytes, name);
  if (starts_with(bytes, "\xFF\xD8\xFF")) return read_jpeg(reader);
  if (starts_with(bytes, "\x89PNG\r\n\x1A\n")) return read_png(reader);
  if (starts_with(bytes, "P5")) return read_pnm(reader, 1);
  if (starts_with(bytes, "P6")) return read_pnm(reader, 3);
  fail(ErrorCode::kCorrupt, name, " is not a JPEG, PNG, binary PGM or binary PPM picture");
}

}  // namespace scrim
