// The program `scrim`: signals, streams and exit codes around its verbs.
#include "command_line.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <new>
#include <thread>

namespace scrim::cli {
namespace {

// Turns Ctrl-C and SIGTERM into a request to stop; a second one ends the process at once.
//
// The signals are blocked in every thread (threads inherit the mask, so this must exist before any
// other starts) and taken by one that waits for them: no handler, nothing to be careful about.
class StopOnSignal {
 public:
  StopOnSignal() {
    sigemptyset(&signals_);
    sigaddset(&signals_, SIGINT);
    sigaddset(&signals_, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
    watcher_ = std::thread([this] { watch(); });
  }
  ~StopOnSignal() {
    ending_ = true;
    pthread_kill(watcher_.native_handle(), SIGINT);  // wakes its sigwait
    watcher_.join();
  }
  StopOnSignal(const StopOnSignal&) = delete;
  StopOnSignal& operator=(const StopOnSignal&) = delete;

  std::stop_token token() const { return stop_.get_token(); }

 private:
  void watch() {
    for (int received = 0; sigwait(&signals_, &received) == 0 && !ending_;) {
      if (!stop_.request_stop()) _exit(kInterrupted);
      std::cerr << "\nscrim: stopping; press Ctrl-C again to stop at once" << std::endl;
    }
  }

  sigset_t signals_{};
  std::atomic<bool> ending_ = false;
  std::stop_source stop_;
  std::thread watcher_;
};

int complain(const std::string& sentence, int code) {
  std::cerr << "scrim: " << sentence << std::endl;
  return code;
}

int run_and_explain(const std::vector<std::string>& words, const Session& session) {
  try {
    const int code = run(words, session);
    session.out.flush();
    if (!session.out)
      fail(ErrorCode::kUnavailable, "the output could not be written; is the disk full?");
    return session.stop.stop_requested() ? kInterrupted : code;
  } catch (const Error& error) {
    return complain(error.what(),
                    session.stop.stop_requested() ? kInterrupted : exit_code(error.code()));
  } catch (const std::bad_alloc&) {
    return complain("not enough memory", exit_code(ErrorCode::kUnavailable));
  } catch (const std::exception& error) {
    return complain(std::string("internal error, please report it: ") + error.what(),
                    exit_code(ErrorCode::kInternal));
  }
}

}  // namespace
}  // namespace scrim::cli

int main(int argc, char** argv) {
  const scrim::cli::StopOnSignal stop;
  scrim::ProgressPrinter printer(std::cerr, scrim::ProgressPrinter::style_for(STDERR_FILENO));
  const scrim::cli::Session session{.out = std::cout,
                                    .log = std::cerr,
                                    .progress = [&](const scrim::Progress& p) { printer(p); },
                                    .stop = stop.token()};
  return scrim::cli::run_and_explain({argv + 1, argv + argc}, session);
}
