#include <scrim/status.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/files.h"

namespace scrim {
namespace {

struct Named {
  ErrorCode code;
  const char* enumerator;
};

constexpr std::array<Named, 7> kCodes = {{{ErrorCode::kInvalidArgument, "kInvalidArgument"},
                                          {ErrorCode::kNotFound, "kNotFound"},
                                          {ErrorCode::kCorrupt, "kCorrupt"},
                                          {ErrorCode::kUnsupported, "kUnsupported"},
                                          {ErrorCode::kUnavailable, "kUnavailable"},
                                          {ErrorCode::kRefused, "kRefused"},
                                          {ErrorCode::kInternal, "kInternal"}}};

// The cells of the page's rows that begin with a code.
std::vector<std::vector<std::string>> rows_of_the_page() {
  std::vector<std::vector<std::string>> rows;
  std::istringstream page(read_file(SCRIM_ERRORS_PAGE));
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `k")) continue;
    std::vector<std::string> cells;
    std::istringstream cell_stream(line.substr(1));
    for (std::string cell; std::getline(cell_stream, cell, '|');) {
      cells.push_back(std::regex_replace(cell, std::regex("^[ `]+|[ `]+$"), ""));
    }
    rows.push_back(cells);
  }
  return rows;
}

TEST(Errors, PageSaysWhatTheCodeDoes) {
  const auto rows = rows_of_the_page();
  ASSERT_EQ(rows.size(), kCodes.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& [code, enumerator] = kCodes[i];
    ASSERT_EQ(rows[i].size(), 6U) << enumerator;
    EXPECT_EQ(rows[i][0], enumerator);
    EXPECT_EQ(rows[i][1], name(code));
    EXPECT_EQ(rows[i][3], std::to_string(exit_code(code))) << enumerator;
    EXPECT_EQ(rows[i][4], std::to_string(http_status(code))) << enumerator;
    EXPECT_FALSE(rows[i][2].empty() || rows[i][5].empty()) << enumerator;
  }
}

TEST(Errors, NamesAndExitCodesTellThemApart) {
  std::set<std::string_view> names;
  std::set<int> exits = {0, 1};  // success, and "some items failed"
  for (const auto& [code, enumerator] : kCodes) {
    EXPECT_TRUE(names.insert(name(code)).second) << enumerator;
    EXPECT_TRUE(exits.insert(exit_code(code)).second) << enumerator;
    EXPECT_GE(http_status(code), 400) << enumerator;
  }
}

TEST(Errors, AnErrorKeepsItsCodeAndItsSentence) {
  const Error error(ErrorCode::kRefused, "no key, no noise");
  EXPECT_EQ(error.code(), ErrorCode::kRefused);
  EXPECT_STREQ(error.what(), "no key, no noise");
}

TEST(Version, HasThreeNumbers) {
  EXPECT_TRUE(std::regex_match(std::string(version()), std::regex(R"(\d+\.\d+\.\d+)")));
}

}  // namespace
}  // namespace scrim
