#include <scrim/status.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace scrim {
namespace {

constexpr double kSecondsPerBar = 0.1;
constexpr double kSecondsPerLine = 10.0;
constexpr int kBarCells = 24;

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::llround(std::max(0.0, seconds)));
  const auto two = [](std::int64_t value) {
    return (value < 10 ? "0" : "") + std::to_string(value);
  };
  const std::string minutes_seconds = two(whole / 60 % 60) + ":" + two(whole % 60);
  if (whole >= 3600) return std::to_string(whole / 3600) + ":" + minutes_seconds;
  return std::to_string(whole / 60) + ":" + two(whole % 60);
}

std::string percent(const Progress& progress) {
  const auto share = static_cast<double>(progress.done) / static_cast<double>(progress.total);
  return std::to_string(static_cast<int>(100 * share)) + " %";
}

bool has_ended(const Progress& progress) {
  return progress.total > 0 && progress.done >= progress.total;
}

std::string bar(const Progress& progress) {
  const auto share = static_cast<double>(progress.done) / static_cast<double>(progress.total);
  const auto full = static_cast<std::size_t>(kBarCells * share);
  std::string cells(full, '=');
  cells.resize(kBarCells, ' ');
  if (full > 0 && full < kBarCells) cells[full - 1] = '>';
  return "[" + cells + "]";
}

// The first `columns` bytes, without half a UTF-8 character at the end.
std::string cut(std::string text, std::size_t columns) {
  if (text.size() <= columns) return text;
  while (columns > 0 && (text[columns] & 0xC0) == 0x80) --columns;
  text.resize(columns);
  return text;
}

// As many of the parts, in order of importance, as fit into the columns, in order of place.
std::string fit(const std::vector<std::string>& places, const std::vector<std::size_t>& importance,
                std::size_t columns) {
  std::vector<bool> shown(places.size(), false);
  std::size_t used = 0;
  for (const std::size_t place : importance) {
    const std::size_t size = places[place].size() + (used > 0 ? 2 : 0);
    if (places[place].empty() || (used > 0 && used + size > columns)) continue;
    shown[place] = true;
    used += size;
  }
  std::string text;
  for (std::size_t place = 0; place < places.size(); ++place) {
    if (shown[place]) text += (text.empty() ? "" : "  ") + places[place];
  }
  return cut(text, columns);
}

}  // namespace

ProgressPrinter::ProgressPrinter(std::ostream& out, Style style, int columns, ClockFn now)
    : out_(out), style_(style), columns_(std::max(columns, 2)), now_(std::move(now)) {}

ProgressPrinter::Style ProgressPrinter::style_for(int file_descriptor) {
  return ::isatty(file_descriptor) == 1 ? Style::kBar : Style::kLines;
}

int ProgressPrinter::columns_of(int file_descriptor) {
  winsize size{};
  const bool known = ::ioctl(file_descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kDefaultColumns;
}

void ProgressPrinter::operator()(const Progress& reported) {
  Progress progress = reported;
  progress.total = std::max<std::int64_t>(progress.total, 0);
  progress.done = std::max<std::int64_t>(progress.done, 0);
  if (progress.total > 0) progress.done = std::min(progress.done, progress.total);

  const Clock::time_point now = now_();
  const bool begins =
      !running_ ? !(has_ended(progress) && progress.stage == stage_) : progress.stage != stage_;
  if (!running_ && !begins) return;  // the end of a stage, said again
  if (begins) begin(progress, now);

  const auto seconds_since = [now](Clock::time_point then) {
    return std::chrono::duration<double>(now - then).count();
  };
  const bool ends = has_ended(progress);
  const double period = style_ == Style::kBar ? kSecondsPerBar : kSecondsPerLine;
  if (!begins && !ends && !progress.milestone && seconds_since(last_print_) < period) return;
  last_print_ = now;
  const double seconds = seconds_since(stage_start_);
  style_ == Style::kBar ? print_bar(progress, seconds) : print_line(progress, seconds);
  if (progress.milestone && !ends && style_ == Style::kBar) keep_line();
  if (ends) finish();
}

void ProgressPrinter::begin(const Progress& progress, Clock::time_point now) {
  finish();
  stage_ = progress.stage;
  stage_start_ = now;
  first_done_ = progress.done;
  running_ = true;
}

// What is on the terminal stays there, and the bar goes on below it.
void ProgressPrinter::keep_line() {
  out_ << '\n' << std::flush;
  shown_ = 0;
}

void ProgressPrinter::finish() {
  if (running_ && style_ == Style::kBar) out_ << '\n' << std::flush;
  running_ = false;
  shown_ = 0;
}

// What was done before the stage began here, as after a resume, took none of its seconds.
std::string ProgressPrinter::time_text(const Progress& progress, double seconds) const {
  if (has_ended(progress)) return "in " + clock_text(seconds);
  if (progress.total == 0) return clock_text(seconds);
  const auto done_here = static_cast<double>(progress.done - first_done_);
  if (done_here <= 0 || seconds <= 0) return "";
  const auto left = static_cast<double>(progress.total - progress.done);
  return "ETA " + clock_text(seconds * left / done_here);
}

void ProgressPrinter::print_bar(const Progress& progress, double seconds) {
  const bool known = progress.total > 0;
  const std::vector<std::string> places = {
      progress.stage, known ? bar(progress) : "",
      known ? percent(progress) : std::to_string(progress.done), time_text(progress, seconds),
      progress.note};
  // A full last column would wrap, and the carriage return would then miss the line's start.
  const std::string text = fit(places, {0, 2, 3, 1, 4}, static_cast<std::size_t>(columns_ - 1));
  const std::size_t size = text.size();
  out_ << '\r' << text << std::string(size < shown_ ? shown_ - size : 0, ' ') << std::flush;
  shown_ = size;
}

void ProgressPrinter::print_line(const Progress& progress, double seconds) {
  out_ << progress.stage << ": " << progress.done;
  if (progress.total > 0) out_ << " of " << progress.total << " (" << percent(progress) << ")";
  const std::string time = time_text(progress, seconds);
  if (!time.empty()) out_ << ", " << time;
  if (!progress.note.empty()) out_ << ", " << progress.note;
  out_ << '\n' << std::flush;
}

}  // namespace scrim
