#include "command/program.h"

#include "command/command_line.h"

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
  explicit StopOnSignal(std::string_view program) : program_(program) {
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
      std::cerr << "\n"
                << program_ << ": stopping; press Ctrl-C again to stop at once" << std::endl;
    }
  }

  const std::string_view program_;
  sigset_t signals_{};
  std::atomic<bool> ending_ = false;
  std::stop_source stop_;
  std::thread watcher_;
};

int complain(const Program& program, const std::string& sentence, int code) {
  std::cerr << program.name << ": " << sentence << std::endl;
  return code;
}

int run_and_explain(const Program& program, const std::vector<std::string>& words,
                    const Session& session) {
  try {
    const int code = run(program, words, session);
    session.out.flush();
    if (!session.out)
      fail(ErrorCode::kUnavailable, "the output could not be written; is the disk full?");
    return session.stop.stop_requested() ? kInterrupted : code;
  } catch (const Error& error) {
    return complain(program, error.what(),
                    session.stop.stop_requested() ? kInterrupted : exit_code(error.code()));
  } catch (const std::bad_alloc&) {
    return complain(program, "not enough memory", exit_code(ErrorCode::kUnavailable));
  } catch (const std::exception& error) {
    return complain(program, std::string("internal error, please report it: ") + error.what(),
                    exit_code(ErrorCode::kInternal));
  }
}

}  // namespace

int run_program(const Program& program, int argc, char** argv) {
  const StopOnSignal stop(program.name);
  ProgressPrinter printer(std::cerr, ProgressPrinter::style_for(STDERR_FILENO));
  const Session session{.out = std::cout,
                        .log = std::cerr,
                        .progress = [&](const Progress& p) { printer(p); },
                        .stop = stop.token()};
  const std::vector<std::string> words(argv + 1, argv + argc);
  return run_and_explain(program, program.translate ? program.translate(words) : words, session);
}

}  // namespace scrim::cli
