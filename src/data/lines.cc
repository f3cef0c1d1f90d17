#include "data/lines.h"

#include "base/files.h"

#include <charconv>
#include <cmath>

namespace scrim {
namespace {

constexpr std::string_view kSpaces = " \t\r\n\v\f";

// What is shown of a bad line: enough to find it, not a page of binary.
std::string shown(std::string_view text) {
  std::string result(text.substr(0, 40));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  return "\"" + result + (text.size() > 40 ? "...\"" : "\"");
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

LineReader::LineReader(const std::filesystem::path& path) : path_(path), text_(read_file(path)) {}

std::optional<std::string_view> LineReader::next() {
  while (position_ < text_.size()) {
    const auto end = std::min(text_.find('\n', position_), text_.size());
    const auto line = trimmed(std::string_view(text_).substr(position_, end - position_));
    position_ = end + 1;
    ++line_;
    if (!line.empty()) return line;
  }
  return {};
}

std::string_view LineReader::require(std::string_view what) {
  const auto line = next();
  if (!line) fail_here("the file ends where ", what, " should follow");
  return *line;
}

int LineReader::require_count(std::string_view what, int most) {
  const auto line = require(what);
  int value = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), value);
  if (error != std::errc{} || end != line.data() + line.size() || value < 0 || value > most) {
    fail_here(what, " must be a whole number of 0 to ", most, ", got ", shown(line));
  }
  return value;
}

std::vector<double> LineReader::require_numbers(std::string_view what, std::size_t count) {
  std::string_view rest = require(what);
  std::vector<double> numbers;
  while (!rest.empty()) {
    const auto field = rest.substr(0, rest.find_first_of(kSpaces));
    const auto number = parse_number(field);
    if (!number) fail_here(what, " must be numbers, got ", shown(field));
    numbers.push_back(*number);
    rest = trimmed(rest.substr(field.size()));
  }
  if (numbers.size() != count) {
    fail_here(what, " must be ", count, " numbers, got ", numbers.size());
  }
  return numbers;
}

}  // namespace scrim
