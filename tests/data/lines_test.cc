#include "data/lines.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "write_text.h"

namespace scrim {
namespace {

TEST(LineReader, SkipsBlankLinesAndTrimsWithoutLosingCount) {
  const TemporaryFolder folder;
  write_text(folder / "a.txt", "first\r\n\n \t\n  last one  ");
  LineReader lines(folder / "a.txt");
  EXPECT_EQ(lines.next(), "first");
  EXPECT_EQ(lines.next(), "last one");
  expect_error(ErrorCode::kCorrupt, "a.txt:4: here", [&] { lines.fail_here("here"); });
  EXPECT_EQ(lines.next(), std::nullopt);
  EXPECT_EQ(lines.next(), std::nullopt);
}

TEST(LineReader, ReadsCountsAndNumbers) {
  const TemporaryFolder folder;
  write_text(folder / "a.txt", "7\n1 -2.5\t3e2\n");
  LineReader lines(folder / "a.txt");
  EXPECT_EQ(lines.require_count("count", 7), 7);
  EXPECT_EQ(lines.require_numbers("numbers", 3), (std::vector<double>{1, -2.5, 300}));
  expect_error(ErrorCode::kCorrupt, "a.txt:2: the file ends where more should follow",
               [&] { lines.require("more"); });
}

TEST(LineReader, AnEmptyFileHasNoLine) {
  const TemporaryFolder folder;
  write_text(folder / "a.txt", "");
  EXPECT_EQ(LineReader(folder / "a.txt").next(), std::nullopt);
  expect_error(ErrorCode::kNotFound, "none", [&] { LineReader(folder / "none"); });
}

TEST(LineReader, ShowsBinaryAsQuestionMarksAndNotAllOfIt) {
  const TemporaryFolder folder;
  write_text(folder / "a.txt", std::string(200, '\x01') + "\n");
  LineReader lines(folder / "a.txt");
  expect_error(ErrorCode::kCorrupt, "\"" + std::string(40, '?') + "...\"",
               [&] { lines.require_count("count", 9); });
}

TEST(ParseNumber, TakesFiniteNumbersOnly) {
  EXPECT_EQ(parse_number("1.5"), 1.5);
  EXPECT_EQ(parse_number("-3"), -3.0);
  for (const char* text :
       {"", " ", "1 ", "1,5", "0x10", "nan", "inf", "-inf", "1e999", "one", "1.2.3"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace scrim
