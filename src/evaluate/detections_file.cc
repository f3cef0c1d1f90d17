#include <scrim/evaluate.h>

#include "base/check.h"
#include "base/files.h"

#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace scrim {
namespace {

// A detector returns hundreds; a count beyond this is a broken file, not a crowd.
constexpr int kMaxDetections = 1'000'000;

// The lines of a text, numbered from 1, without their ends and the blanks there.
class Lines {
 public:
  Lines(std::string file, std::string_view text) : file_(std::move(file)), rest_(text) {}

  std::optional<std::string_view> next() {
    if (rest_.empty()) return std::nullopt;
    const std::size_t end = rest_.find('\n');
    std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    ++number_;
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) {
      line.remove_suffix(1);
    }
    return line;
  }

  std::string_view expect(const char* what) {
    const auto line = next();
    if (!line) corrupt("the file ends where ", what, " should follow");
    return *line;
  }

  template <typename... Parts>
  [[noreturn]] void corrupt(const Parts&... parts) const {
    fail(ErrorCode::kCorrupt, file_, ":", number_, ": ", parts...);
  }

 private:
  std::string file_;
  std::string_view rest_;
  int number_ = 0;
};

// Takes one number and the blanks before it off the front of `text`.
std::optional<float> take_number(std::string_view& text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string_view::npos) return std::nullopt;
  text.remove_prefix(start);
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || !std::isfinite(value)) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && text.front() != ' ' && text.front() != '\t') return std::nullopt;
  return value;
}

int parse_count(const Lines& lines, std::string_view line) {
  int count = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), count);
  const bool whole = error == std::errc() && end == line.data() + line.size();
  if (!whole || count < 0 || count > kMaxDetections) {
    lines.corrupt("the number of detections must be in [0, ", kMaxDetections, "]");
  }
  return count;
}

Detection parse_detection(const Lines& lines, std::string_view line) {
  float values[5];
  for (float& value : values) {
    const auto number = take_number(line);
    if (!number) lines.corrupt("a detection must be five finite numbers, x y w h score");
    value = *number;
  }
  if (!line.empty()) lines.corrupt("a detection must be five numbers, more follow");
  const auto [x, y, w, h, score] = values;
  if (w <= 0 || h <= 0) lines.corrupt("width and height must be positive, got ", w, " and ", h);
  return {{x, y, x + w, y + h}, score};
}

}  // namespace

DetectionsByName read_detections(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  Lines lines(path.string(), text);
  DetectionsByName detections;
  while (const auto name = lines.next()) {
    if (name->empty()) continue;
    const auto [entry, is_new] = detections.try_emplace(std::string(*name));
    if (!is_new) lines.corrupt("the picture is listed twice");
    const int count = parse_count(lines, lines.expect("the number of detections"));
    for (int i = 0; i < count; ++i) {
      entry->second.push_back(parse_detection(lines, lines.expect("a detection")));
    }
  }
  if (detections.empty()) fail(ErrorCode::kCorrupt, path.string(), ": no picture in the file");
  return detections;
}

}  // namespace scrim
