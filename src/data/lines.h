// A text file read line by line, with errors that name the file and the line.
#pragma once

#include "base/check.h"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// Lines without their end (LF or CRLF) and without spaces around; blank lines are left out.
class LineReader {
 public:
  // Reads the file whole. Throws as read_file does.
  explicit LineReader(const std::filesystem::path& path);

  // The next line that is not blank; nothing at the end of the file.
  std::optional<std::string_view> next();
  // The same, where the file may not end: `what` names the thing that is missing.
  std::string_view require(std::string_view what);
  // The next line as a whole number of 0 to `most`.
  int require_count(std::string_view what, int most);
  // The fields of the next line as finite numbers, exactly `count` of them.
  std::vector<double> require_numbers(std::string_view what, std::size_t count);

  // Throws kCorrupt: "PATH:LINE: ...", the line being the one returned last.
  template <typename... Parts>
  [[noreturn]] void fail_here(const Parts&... parts) const {
    fail(ErrorCode::kCorrupt, path_.string(), ":", line_, ": ", parts...);
  }

 private:
  std::filesystem::path path_;
  std::string text_;
  std::size_t position_ = 0;
  int line_ = 0;
};

// Without spaces, tabs and line ends around.
std::string_view trimmed(std::string_view text);

// The whole of `text` as a finite number; nothing if it is anything else.
std::optional<double> parse_number(std::string_view text);

}  // namespace scrim
