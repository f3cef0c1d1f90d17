#include "dataops/program_run.h"

#include "base/check.h"
#include "base/descriptor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr int kSignalled = 128;  // as shells report it

// In the new process.
[[noreturn]] void become(const std::vector<std::string>& command, const Environment& environment,
                         int output, int log) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int none = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(none, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  become_program(command, environment);
}

// Appends what comes through the pipe to the log, and hands over its whole lines.
class LogReader {
 public:
  LogReader(int pipe, int log, const std::function<void(const std::string&)>& on_line)
      : pipe_(pipe), log_(log), on_line_(on_line) {}

  // False at the end.
  bool read_some() {
    std::array<char, 4096> bytes;
    const ssize_t size = ::read(pipe_, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) return true;
    if (size <= 0) return false;
    [[maybe_unused]] const ssize_t kept =
        ::write(log_, bytes.data(), static_cast<std::size_t>(size));
    for (const char c : std::string_view(bytes.data(), static_cast<std::size_t>(size))) {
      if (c != '\n' && c != '\r') {
        line_ += c;
      } else {
        if (on_line_ && !line_.empty()) on_line_(line_);
        line_.clear();
      }
    }
    return true;
  }

 private:
  int pipe_, log_;
  const std::function<void(const std::string&)>& on_line_;
  std::string line_;
};

int open_new(const fs::path& path) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) fail_to_write(path, errno);
  return file;
}

}  // namespace

int run_program(const std::vector<std::string>& command, const ProgramFiles& files,
                const std::function<void(const std::string&)>& on_line, std::stop_token stop,
                const Environment& environment) {
  const Descriptor output(open_new(files.output)), log(open_new(files.log));
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) fail(ErrorCode::kUnavailable, "no pipe: ", reason(errno));
  const Descriptor from(ends[0]);
  pid_t program = 0;
  {
    const Descriptor to(ends[1]);
    program = ::fork();
    if (program == 0) become(command, environment, output.get(), to.get());
    if (program < 0) fail(ErrorCode::kUnavailable, "no new process: ", reason(errno));
  }
  LogReader reader(from.get(), log.get(), on_line);
  pollfd ready{from.get(), POLLIN, 0};
  constexpr int kLookMilliseconds = 100;
  for (bool open = true; open;) {
    if (stop.stop_requested()) ::kill(program, SIGTERM);
    if (::poll(&ready, 1, kLookMilliseconds) > 0) open = reader.read_some();
  }
  int status = 0;
  while (::waitpid(program, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : kSignalled + WTERMSIG(status);
}

}  // namespace scrim
