// The tables of docs/formats/noise_stream.md, read from the page, against every back end.
#include "kernels/kernel_test.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <sstream>

namespace scrim {
namespace {

using Row = std::vector<std::string>;

// The cells of each table row of the page that has `columns` cells and starts with a digit or `.
std::vector<Row> rows_of(std::size_t columns) {
  std::ifstream page(SCRIM_NOISE_STREAM_PAGE);
  std::vector<Row> rows;
  for (std::string line; std::getline(page, line);) {
    Row row;
    std::istringstream cells(line);
    std::string cell;
    std::getline(cells, cell, '|');
    while (std::getline(cells, cell, '|')) {
      std::erase_if(cell, [](char c) { return c == ' ' || c == '`'; });
      row.push_back(cell);
    }
    const bool is_data = row.size() == columns && std::isxdigit(row[0].front()) != 0;
    if (is_data && row[1].find_first_not_of("0123456789abcdef") == std::string::npos) {
      rows.push_back(row);
    }
  }
  return rows;
}

std::uint32_t hex(const std::string& cell) {
  return static_cast<std::uint32_t>(std::stoul(cell, nullptr, 16));
}
float hex_float(const std::string& cell) { return std::bit_cast<float>(hex(cell)); }

StreamKey key_of_the_page() {
  StreamKey key = {.key = {}, .nonce = {0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0}};
  for (std::size_t i = 0; i < key.key.size(); ++i) key.key[i] = static_cast<std::uint8_t>(i);
  return key;
}

TEST(NoiseStream, WordsOfThePageAreTheCipher) {
  const std::vector<Row> rows = rows_of(7);
  ASSERT_EQ(rows.size(), 19U);
  for (const Row& row : rows) {
    const auto counter = static_cast<std::uint32_t>(std::stoul(row[1]));
    const std::size_t word = std::stoul(row[2]);
    const ChaChaState words = chacha20_block(chacha20_state(key_of_the_page(), counter));
    EXPECT_EQ(words[word & ~std::size_t{1}], hex(row[3])) << "draw " << row[0];
    EXPECT_EQ(words[word | 1], hex(row[4])) << "draw " << row[0];
  }
}

TEST(NoiseStream, ReferenceDrawsThePageBitForBit) {
  for (const Row& row : rows_of(7)) {
    float z = 0;
    draw_normals(Backend::kReference, key_of_the_page(), std::stoull(row[0]), {&z, 1});
    EXPECT_EQ(z, hex_float(row[5])) << "draw " << row[0];
    EXPECT_FLOAT_EQ(z, std::stof(row[6])) << "draw " << row[0];
  }
}

TEST(NoiseStream, EveryInstructionSetDrawsThePageWithinFourUlp) {
  for_each_target([&](std::int64_t) {
    for (const Row& row : rows_of(7)) {
      float z = 0;
      draw_normals(Backend::kSimd, key_of_the_page(), std::stoull(row[0]), {&z, 1});
      EXPECT_LE(ulps_apart(z, hex_float(row[5])), 4) << "draw " << row[0];
    }
  });
}

TEST(NoiseStream, MappingAtItsEdgesIsThePage) {
  const std::vector<Row> rows = rows_of(5);
  ASSERT_EQ(rows.size(), 11U);
  for (const Row& row : rows) {
    const auto [first, second] = box_muller(hex(row[0]), hex(row[1]));
    EXPECT_EQ(first, hex_float(row[2])) << row[0] << ' ' << row[1];
    EXPECT_EQ(second, hex_float(row[3])) << row[0] << ' ' << row[1];
  }
}

}  // namespace
}  // namespace scrim
