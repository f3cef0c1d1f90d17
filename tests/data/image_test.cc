#include <scrim/dataset.h>

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace scrim {
namespace {

Image gradient(int width, int height) {
  Image image{width, height, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {3 * x, 5 * y, 2 * (x + y)}) {
        image.pixels.push_back(static_cast<std::uint8_t>(value % 256));
      }
    }
  }
  return image;
}

void write(const std::filesystem::path& path, std::span<const std::uint8_t> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), std::ssize(bytes));
}

std::vector<std::uint8_t> bytes_of(std::string_view text) { return {text.begin(), text.end()}; }

TEST(Image, PngKeepsEveryPixel) {
  const Image image = gradient(37, 21);
  const Image back = decode_image(encode_png(image), "memory.png");
  EXPECT_EQ(back.width, 37);
  EXPECT_EQ(back.height, 21);
  EXPECT_EQ(back.pixels, image.pixels);
}

TEST(Image, WrittenPngIsReadBack) {
  const TemporaryFolder folder;
  const Image image = gradient(8, 9);
  write_png(folder / "picture.png", image);
  EXPECT_EQ(read_image(folder / "picture.png").pixels, image.pixels);
}

TEST(Image, JpegStaysCloseAndQualityBuysBytes) {
  Image smooth{32, 32, {}};
  for (int i = 0; i < 32 * 32; ++i) {
    for (int c = 0; c < 3; ++c) smooth.pixels.push_back(static_cast<std::uint8_t>(100 + i / 32));
  }
  const auto fine = encode_jpeg(smooth, 95);
  const Image back = decode_image(fine, "memory.jpg");
  ASSERT_EQ(back.pixels.size(), smooth.pixels.size());
  // At quality 95 the largest luminance quantiser is 12, half of which is the error of one
  // coefficient; a linear ramp has few.
  for (std::size_t i = 0; i < back.pixels.size(); ++i) {
    ASSERT_NEAR(back.pixels[i], smooth.pixels[i], 6);
  }
  const Image busy = gradient(64, 64);
  EXPECT_LT(encode_jpeg(busy, 30).size(), encode_jpeg(busy, 95).size());
  expect_error(ErrorCode::kInvalidArgument, "quality", [&] { encode_jpeg(busy, 0); });
  expect_error(ErrorCode::kInvalidArgument, "quality", [&] { encode_jpeg(busy, 101); });
}

TEST(Image, PortableMapsAreReadAsBgr) {
  const Image colour = decode_image(bytes_of("P6\n# a comment\n2 1\n255\nabcdef"), "a.ppm");
  EXPECT_EQ(colour.pixels, bytes_of("cbafed"));
  const Image grey = decode_image(bytes_of("P5 2 1 255 az"), "a.pgm");
  EXPECT_EQ(grey.pixels, bytes_of("aaazzz"));
}

TEST(Image, EveryTruncationOfAJpegIsAnError) {
  const auto whole = encode_jpeg(gradient(40, 30), 90);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_error(ErrorCode::kCorrupt, "cut.jpg",
                 [&] { decode_image(std::span(whole).first(size), "cut.jpg"); });
  }
}

TEST(Image, EveryTruncationOfAPngIsAnError) {
  const auto whole = encode_png(gradient(10, 8));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    expect_error(ErrorCode::kCorrupt, "cut.png",
                 [&] { decode_image(std::span(whole).first(size), "cut.png"); });
  }
}

TEST(Image, EveryChangedByteOfAPngIsAnError) {
  const Image image = gradient(10, 8);
  const auto whole = encode_png(image);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] ^= 0x55;
    expect_error(ErrorCode::kCorrupt, "changed.png", [&] { decode_image(changed, "changed.png"); });
  }
}

TEST(Image, ChangedBytesOfAJpegGiveAPictureOrOneError) {
  const auto whole = encode_jpeg(gradient(40, 30), 90);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] ^= 0x2A;
    try {
      const Image image = decode_image(changed, "changed.jpg");
      EXPECT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width * image.height * 3));
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("changed.jpg"), std::string::npos);
    }
  }
}

TEST(Image, EmptyAndForeignFilesAreNamed) {
  const TemporaryFolder folder;
  write(folder / "empty.jpg", {});
  expect_error(ErrorCode::kCorrupt, "empty.jpg is empty: 0 bytes",
               [&] { read_image(folder / "empty.jpg"); });
  write(folder / "text.jpg", bytes_of("Dear reader"));
  expect_error(ErrorCode::kCorrupt, "text.jpg is not a JPEG",
               [&] { read_image(folder / "text.jpg"); });
  expect_error(ErrorCode::kNotFound, "none.jpg", [&] { read_image(folder / "none.jpg"); });
}

TEST(Image, RefusesAHugeSideBeforeDecoding) {
  // 40,000 x 40,000 pixels announced, and not one of them there.
  const auto big =
      bytes_of(std::string("\xFF\xD8\xFF\xC0\x00\x08\x08\x9C\x40\x9C\x40\x00\xFF\xD9", 14));
  expect_error(ErrorCode::kInvalidArgument, "40000 x 40000", [&] { decode_image(big, "big.jpg"); });
}

TEST(Image, RefusesPixelsThatDoNotFitTheSize) {
  expect_error(ErrorCode::kInvalidArgument, "12 bytes", [] { encode_png({2, 2, {1, 2, 3}}); });
  expect_error(ErrorCode::kInvalidArgument, "sides", [] { encode_png({-1, 2, {}}); });
}

TEST(Image, AFailedWriteLeavesNothingBehind) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kInvalidArgument, "sides", [&] { write_png(folder / "a.png", {}); });
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace scrim
