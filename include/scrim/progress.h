// How long work tells its caller where it stands, and the bar or the lines that show it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

namespace scrim {

// Where a piece of work stands. `total` is 0 while it is not known.
struct Progress {
  std::string stage;       // what is being done, as in "adapt" or "evaluate, noisy"
  std::int64_t done = 0;   // in [0, total]
  std::int64_t total = 0;
  std::string note;        // short figures, as in "loss 3.21  AP .812"; may be empty
};

// Called from the thread that works, at most a few hundred times a second. Must not throw.
using ProgressFn = std::function<void(const Progress&)>;

// Shows progress on a stream: a bar that redraws itself on a terminal, else a plain line when a
// stage begins, at least every ten seconds, and when it ends. Carriage returns never reach a log.
class ProgressPrinter {
 public:
  enum class Style { kBar, kLines };

  ProgressPrinter(std::ostream& out, Style style);
  void operator()(const Progress& progress);

  // kBar when the file descriptor is a terminal, else kLines.
  static Style style_for(int file_descriptor);

 private:
  using Clock = std::chrono::steady_clock;
  void print_bar(const Progress& progress, double seconds);
  void print_line(const Progress& progress, double seconds);

  std::ostream& out_;
  Style style_;
  std::string stage_;
  Clock::time_point stage_start_{};
  Clock::time_point last_print_{};
};

}  // namespace scrim
