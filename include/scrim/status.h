// What the library tells its caller: why it could not, how far it is, and which version it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace scrim {

// What went wrong, and whose turn it is. docs/errors.md lists what to do about each.
enum class ErrorCode {
  kInvalidArgument,  // the caller's value is wrong; the message names it, the value and the limit
  kNotFound,         // no such file, model, version, module, volume
  kCorrupt,          // the bytes are not what the format says
  kUnsupported,      // valid, but not something we do
  kUnavailable,      // try later: overload, device, full disk, cluster
  kRefused,          // a contract or a policy forbids it
  kInternal,         // a bug; please report
};

// A code and one sentence for a person. The sentence holds no data of a request or a picture.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const { return code_; }

 private:
  ErrorCode code_;
};

// The process exit code for an error: 2 to 7, or 70 for kInternal.
int exit_code(ErrorCode code);

// The HTTP status for an error: 400, 404, 422, 500, 501 or 503.
int http_status(ErrorCode code);

// The code as it is written in JSON and logs: "invalid_argument", "not_found", ...
std::string_view name(ErrorCode code);

// The version of the library, as in "0.1.0".
std::string_view version();

// Where a piece of work stands. `total` is 0 while it is not known.
struct Progress {
  std::string stage;      // what is being done, as in "adapt" or "evaluate, noisy"
  std::int64_t done = 0;  // in [0, total]
  std::int64_t total = 0;
  std::string note;        // short figures, as in "loss 3.21  AP .812"; may be empty
  bool milestone = false;  // the end of an epoch: always shown, on a line of its own
};

// Called from the thread that works, at most a few hundred times a second. Must not throw.
using ProgressFn = std::function<void(const Progress&)>;

// Shows progress on a stream: a bar that redraws itself on a terminal, else a plain line when a
// stage begins, at least every ten seconds, and when it ends. Carriage returns never reach a log.
//
// Not for several threads at once. Pass it as a ProgressFn by std::ref: a copy would go on alone.
class ProgressPrinter {
 public:
  using Clock = std::chrono::steady_clock;
  using ClockFn = std::function<Clock::time_point()>;
  enum class Style { kBar, kLines };
  static constexpr int kDefaultColumns = 80;

  // `columns` is the width of the terminal: what does not fit is left out, the
  // note and the bar before the figures.
  ProgressPrinter(std::ostream& out, Style style, int columns = kDefaultColumns,
                  ClockFn now = &Clock::now);
  void operator()(const Progress& progress);
  // Ends a bar in the middle of its line, so that what is printed next stands on its own.
  void finish();

  // kBar when the file descriptor is a terminal, else kLines.
  static Style style_for(int file_descriptor);
  // The width of the terminal behind the file descriptor, else kDefaultColumns.
  static int columns_of(int file_descriptor);

 private:
  void begin(const Progress& progress, Clock::time_point now);
  void keep_line();
  std::string time_text(const Progress& progress, double seconds) const;
  void print_bar(const Progress& progress, double seconds);
  void print_line(const Progress& progress, double seconds);

  std::ostream& out_;
  Style style_;
  int columns_;
  ClockFn now_;
  bool running_ = false;
  std::string stage_;
  std::int64_t first_done_ = 0;  // of the stage, when it was first reported
  std::size_t shown_ = 0;        // bytes of the bar on the terminal
  Clock::time_point stage_start_{};
  Clock::time_point last_print_{};
};

}  // namespace scrim
