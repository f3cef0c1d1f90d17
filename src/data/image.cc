#include "base/check.h"
#include "base/files.h"
#include "data/image_header.h"
#include "data/jpeg.h"
#include "data/mat.h"

#include <opencv2/imgcodecs.hpp>

#include <algorithm>
#include <string_view>

namespace scrim {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 29;

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

bool is_jpeg(std::span<const std::uint8_t> bytes) { return bytes[0] == 0xFF; }

Image decode_other(std::span<const std::uint8_t> bytes, const std::string& name) {
  const cv::Mat raw(1, static_cast<int>(bytes.size()), CV_8U,
                    const_cast<std::uint8_t*>(bytes.data()));
  try {
    const cv::Mat decoded = cv::imdecode(raw, cv::IMREAD_COLOR);
    if (!decoded.empty()) return to_image(decoded);
  } catch (const cv::Exception&) {
    // The same as an empty matrix: said below, in our words.
  }
  fail(ErrorCode::kCorrupt, name, " cannot be decoded");
}

std::vector<std::uint8_t> encode(const char* extension, const Image& image,
                                 const std::vector<int>& parameters) {
  check_image(image);
  std::vector<std::uint8_t> bytes;
  try {
    if (cv::imencode(extension, view(image), bytes, parameters)) return bytes;
  } catch (const cv::Exception&) {
    bytes.clear();
  }
  fail(ErrorCode::kInternal, "a picture of ", image.width, " x ", image.height,
       " could not be encoded as ", extension);
}

}  // namespace

void check_image(const Image& image) {
  check(image.width > 0 && image.height > 0 && image.width <= kMaxImageSide &&
            image.height <= kMaxImageSide,
        "a picture's sides must be 1 to ", kMaxImageSide, " pixels, got ", image.width, " x ",
        image.height);
  const std::size_t expected =
      static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3;
  check(image.pixels.size() == expected, "a picture of ", image.width, " x ", image.height,
        " must have ", expected, " bytes, got ", image.pixels.size());
}

cv::Mat view(const Image& image) {
  return cv::Mat(image.height, image.width, CV_8UC3,
                 const_cast<std::uint8_t*>(image.pixels.data()));
}

Image to_image(const cv::Mat& mat) {
  Image image{mat.cols, mat.rows, {}};
  image.pixels.resize(mat.total() * 3);
  mat.copyTo(view(image));
  return image;
}

Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name) {
  const ImageHeader header = read_image_header(bytes, name);
  check(header.width <= kMaxImageSide && header.height <= kMaxImageSide, name, " is ", header.width,
        " x ", header.height, " pixels, and the longest side read is ", kMaxImageSide);
  if (!is_jpeg(bytes)) return decode_other(bytes, name);
  return upright(decode_jpeg(bytes, header.width, header.height, name), exif_orientation(bytes));
}

Image read_image(const std::filesystem::path& path) {
  return decode_image(as_bytes(read_file(path, kMaxFileBytes)), path.string());
}

std::vector<std::uint8_t> encode_png(const Image& image) { return encode(".png", image, {}); }

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
  check(quality >= 1 && quality <= 100, "JPEG quality must be 1 to 100, got ", quality);
  return encode(".jpg", image, {cv::IMWRITE_JPEG_QUALITY, quality});
}

void write_png(const std::filesystem::path& path, const Image& image) {
  const auto bytes = encode_png(image);
  write_file_atomically(path, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace scrim
