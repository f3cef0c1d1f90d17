#include "data/image_header.h"

#include <scrim/dataset.h>

#include <gtest/gtest.h>

#include <string_view>

#include "support/expect_error.h"

namespace scrim {
namespace {

std::span<const std::uint8_t> bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Image grey(int width, int height) {
  return {width, height,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width * height * 3), 90)};
}

TEST(ImageHeader, AgreesWithTheEncoders) {
  for (const int width : {1, 7, 300}) {
    for (const int height : {1, 8, 517}) {
      for (const auto& file :
           {encode_png(grey(width, height)), encode_jpeg(grey(width, height), 80)}) {
        const ImageHeader header = read_image_header(file, "memory");
        EXPECT_EQ(header.width, width);
        EXPECT_EQ(header.height, height);
      }
    }
  }
}

TEST(ImageHeader, ReadsPortableMapsOfBothDepths) {
  const ImageHeader shallow = read_image_header(bytes("P5\n#c\n3 #d\n2\n255\nabcdef"), "a.pgm");
  EXPECT_EQ(shallow.width, 3);
  EXPECT_EQ(shallow.height, 2);
  EXPECT_EQ(read_image_header(bytes("P6 1 1 65535 abcdef"), "a.ppm").height, 1);
  expect_error(ErrorCode::kCorrupt, "cut short",
               [] { read_image_header(bytes("P6 1 1 65535 abcde"), "a.ppm"); });
}

TEST(ImageHeader, StepsOverMetadataThatHoldsAThumbnail) {
  auto file = encode_jpeg(grey(20, 10), 80);
  const auto thumbnail = encode_jpeg(grey(4, 4), 80);
  std::vector<std::uint8_t> segment = {0xFF, 0xE1, 0, 0};
  segment.insert(segment.end(), thumbnail.begin(), thumbnail.end());
  const std::size_t length = segment.size() - 2;
  segment[2] = static_cast<std::uint8_t>(length >> 8);
  segment[3] = static_cast<std::uint8_t>(length & 0xFF);
  file.insert(file.begin() + 2, segment.begin(), segment.end());
  const ImageHeader header = read_image_header(file, "memory.jpg");
  EXPECT_EQ(header.width, 20);
  EXPECT_EQ(header.height, 10);
}

TEST(ImageHeader, RefusesWhatIsNoPicture) {
  const auto corrupt = [](std::string_view text, const std::string& part) {
    expect_error(ErrorCode::kCorrupt, part, [&] { read_image_header(bytes(text), "file"); });
  };
  using namespace std::string_view_literals;
  corrupt("", "file is empty: 0 bytes");
  corrupt("GIF89a", "file is not a JPEG, PNG, binary PGM or binary PPM picture");
  corrupt("BM", "is not a JPEG");
  corrupt("P5 0 4 255 ", "a width or height of 0");
  corrupt("P5 4 -4 255 ", "no number");
  corrupt("P5 99999999999999999999 4 255 ", "too large a number");
  corrupt("P5 4 4 0 aaaa", "a maximum outside");
  corrupt("P5 4294967295 4294967295 65535 aaaa", "cut short");
  corrupt("\xFF\xD8\xFF\xE0\x00\x01"sv, "a JPEG segment without its length");
  corrupt("\xFF\xD8\xFF\xD9"sv, "no JPEG frame");
  corrupt("\xFF\xD8\xFF\xC0\x00\x04\x08\x00"sv, "a JPEG frame without its size");
  corrupt("\x89PNG\r\n\x1A\n\x00\x00\x00\x0DIDAT"sv, "no PNG header");
}

}  // namespace
}  // namespace scrim
