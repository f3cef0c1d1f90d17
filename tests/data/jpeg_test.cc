#include "data/jpeg.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>

#include <cstdio>
#include <cstdlib>
#include <string_view>

// After <cstdio>, which it needs and does not include.
#include <jpeglib.h>

#include "support/expect_error.h"

namespace scrim {
namespace {

using Bytes = std::vector<std::uint8_t>;

Image textured(int width, int height) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height * 3; ++i) {
    image.pixels.push_back(static_cast<std::uint8_t>((i * i / 7 + i % 3 * 60) % 256));
  }
  return image;
}

Image decoded(const Bytes& bytes, const Image& like) {
  return decode_jpeg(bytes, like.width, like.height, "memory.jpg");
}

Bytes with_segment(Bytes jpeg, std::string_view body) {
  const std::size_t length = body.size() + 2;
  Bytes segment = {0xFF, 0xE1, static_cast<std::uint8_t>(length >> 8),
                   static_cast<std::uint8_t>(length & 0xFF)};
  segment.insert(segment.end(), body.begin(), body.end());
  jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
  return jpeg;
}

// EXIF with the orientation alone, in little-endian (I) or big-endian (M) order.
std::string exif(char order, char orientation) {
  using namespace std::string_literals;
  std::string little = "Exif\0\0II\x2A\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0"s;
  std::string big = "Exif\0\0MM\0\x2A\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0?\0\0\0\0\0\0"s;
  std::string& text = order == 'I' ? little : big;
  text[text.find('?')] = orientation;
  return text;
}

Bytes four_ink_jpeg() {
  jpeg_compress_struct info;
  jpeg_error_mgr errors;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* buffer = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &buffer, &size);
  info.image_width = info.image_height = 8;
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_start_compress(&info, TRUE);
  Bytes row(8 * 4, 100);
  JSAMPROW rows = row.data();
  for (int y = 0; y < 8; ++y) jpeg_write_scanlines(&info, &rows, 1);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Bytes result(buffer, buffer + size);
  std::free(buffer);
  return result;
}

TEST(DecodeJpeg, GivesThePixelsThatOpenCvGives) {
  for (const auto& [width, height] : {std::pair{16, 16}, {33, 7}, {1, 1}, {130, 61}}) {
    const Image image = textured(width, height);
    for (const int quality : {20, 75, 98}) {
      const Bytes bytes = encode_jpeg(image, quality);
      const cv::Mat expected = cv::imdecode(bytes, cv::IMREAD_COLOR);
      const Image actual = decoded(bytes, image);
      EXPECT_EQ(actual.pixels, Bytes(expected.datastart, expected.dataend));
    }
  }
}

TEST(DecodeJpeg, ADamagedOneIsOneErrorAndNothingIsPrinted) {
  const Image image = textured(64, 48);
  const Bytes whole = encode_jpeg(image, 85);
  testing::internal::CaptureStderr();
  int refused = 0;
  for (std::size_t at = 2; at < whole.size(); ++at) {
    Bytes changed = whole;
    changed[at] ^= 0x5B;
    try {
      EXPECT_EQ(decoded(changed, image).pixels.size(), image.pixels.size());
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(std::string(error.what()).rfind("memory.jpg ", 0), 0U) << error.what();
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_GT(refused, 0);
}

TEST(DecodeJpeg, AnEndInTheMiddleIsAnErrorAndNotAGreyHalf) {
  const Image image = textured(64, 48);
  Bytes bytes = encode_jpeg(image, 85);
  bytes.resize(bytes.size() * 3 / 4);
  bytes.insert(bytes.end(), {0xFF, 0xD9});
  expect_error(ErrorCode::kCorrupt,
               "memory.jpg cannot be decoded: ", [&] { decoded(bytes, image); });
}

TEST(DecodeJpeg, StrayBytesBeforeTheEndAreNoError) {
  const Image image = textured(64, 48);
  Bytes bytes = encode_jpeg(image, 85);
  const Image expected = decoded(bytes, image);
  bytes.insert(bytes.end() - 2, {1, 2, 3});
  EXPECT_EQ(decoded(bytes, image).pixels, expected.pixels);
}

TEST(DecodeJpeg, RefusesFourInksAndAnotherSize) {
  expect_error(ErrorCode::kUnsupported, "is a CMYK JPEG",
               [] { decode_jpeg(four_ink_jpeg(), 8, 8, "memory.jpg"); });
  const Bytes bytes = encode_jpeg(textured(16, 8), 85);
  expect_error(ErrorCode::kCorrupt, "two sizes", [&] { decode_jpeg(bytes, 8, 16, "memory.jpg"); });
}

TEST(Orientation, IsReadInBothByteOrders) {
  const Bytes plain = encode_jpeg(textured(8, 8), 85);
  EXPECT_EQ(exif_orientation(plain), 1);
  for (const char order : {'I', 'M'}) {
    for (char orientation = 1; orientation <= 8; ++orientation) {
      EXPECT_EQ(exif_orientation(with_segment(plain, exif(order, orientation))), orientation);
    }
    EXPECT_EQ(exif_orientation(with_segment(plain, exif(order, 9))), 1);
    EXPECT_EQ(exif_orientation(with_segment(plain, exif(order, 0))), 1);
  }
}

TEST(Orientation, EveryTruncationOfExifIsHarmless) {
  const Bytes plain = encode_jpeg(textured(8, 8), 85);
  const std::string whole = exif('I', 6);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const int orientation = exif_orientation(with_segment(plain, whole.substr(0, size)));
    EXPECT_TRUE(orientation == 1 || orientation == 6);
  }
  const Bytes jpeg = with_segment(plain, whole);
  for (std::size_t size = 0; size < jpeg.size(); ++size) {
    const int orientation = exif_orientation(std::span(jpeg).first(size));
    EXPECT_TRUE(orientation == 1 || orientation == 6);
  }
}

TEST(Orientation, PicturesAreTurnedAsOpenCvTurnsThem) {
  const Bytes plain = encode_jpeg(textured(9, 5), 85);
  for (char orientation = 1; orientation <= 8; ++orientation) {
    const Bytes bytes = with_segment(plain, exif('M', orientation));
    const cv::Mat expected = cv::imdecode(bytes, cv::IMREAD_COLOR);
    const Image actual = decode_image(bytes, "memory.jpg");
    EXPECT_EQ(actual.width, expected.cols);
    EXPECT_EQ(actual.height, expected.rows);
    EXPECT_EQ(actual.pixels, Bytes(expected.datastart, expected.dataend)) << int{orientation};
  }
}

TEST(Orientation, AnUnknownOneLeavesThePicture) {
  const Image image = textured(4, 3);
  for (const int orientation : {-1, 0, 1, 9}) {
    EXPECT_EQ(upright(image, orientation).pixels, image.pixels);
  }
}

}  // namespace
}  // namespace scrim
