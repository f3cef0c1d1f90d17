#include "dataops/supervisor.h"

#include "base/check.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/json.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

namespace scrim {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr unsigned kLongestRest = 30;                    // seconds between two starts
constexpr auto kBeyondGrace = std::chrono::seconds(10);  // for what was killed to be gone
constexpr int kCannotStart = 126;                        // its folder is gone
constexpr milliseconds kLook{5};                         // between two looks at a lock
constexpr auto kSettled =
    std::chrono::seconds(60);  // a program that ran so long had no false start

fs::path lock_of(const fs::path& folder) { return folder / "alive"; }
fs::path pids_of(const fs::path& folder) { return folder / "process.json"; }

// The lock's descriptor, or -1 where another process holds it.
int take_lock(const fs::path& folder) {
  const int file = ::open(lock_of(folder).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0) fail_to_write(lock_of(folder), errno);
  if (::flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  ::close(file);
  return -1;
}

bool is_locked(const fs::path& folder) {
  const Descriptor file(::open(lock_of(folder).c_str(), O_RDWR | O_CLOEXEC));
  return file.valid() && ::flock(file.get(), LOCK_SH | LOCK_NB) != 0;
}

// In the new process: nothing of the caller's but the lock, and the log in place of its output.
void leave_caller(const fs::path& folder, int lock) {
  ::setsid();
  const int none = ::open("/dev/null", O_RDONLY);
  const int log = ::open((folder / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
  ::dup2(none, STDIN_FILENO);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  for (int number = STDERR_FILENO + 1; number < 1024; ++number) {
    if (number != lock) ::close(number);
  }
  for (const int signal : {SIGINT, SIGHUP, SIGPIPE}) ::signal(signal, SIG_DFL);
  sigset_t none_blocked;
  sigemptyset(&none_blocked);
  ::sigprocmask(SIG_SETMASK, &none_blocked, nullptr);
}

volatile std::sig_atomic_t ending = 0;

// The pid of the running program, for the handler.
volatile std::sig_atomic_t running = 0;

void end_program(int) {
  ending = 1;
  if (running > 0) ::kill(-running, SIGTERM);
}

pid_t start_program(const SupervisedProgram& started) {
  const pid_t supervisor = ::getpid();
  const pid_t program = ::fork();
  if (program > 0) ::setpgid(program, program);  // as itself does: whoever is first
  if (program != 0) return program;
  ::signal(SIGTERM, SIG_DFL);
  ::setpgid(0, 0);                     // what it starts ends with it
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);  // a supervisor that is killed takes it along
  if (::getppid() != supervisor) ::_exit(0);
  if (!started.folder.empty() && ::chdir(started.folder.c_str()) != 0) ::_exit(kCannotStart);
  become_program(started.command, started.environment);
}

// Until the program ends well or is told to end.
[[noreturn]] void supervise(const fs::path& folder, const SupervisedProgram& program) {
  struct sigaction action {};
  action.sa_handler = end_program;
  ::sigaction(SIGTERM, &action, nullptr);
  for (unsigned pause = 1; ending == 0; pause = std::min(2 * pause, kLongestRest)) {
    const auto start = Clock::now();
    running = start_program(program);
    try {
      const Json pids = {{"supervisor", ::getpid()}, {"program", static_cast<long>(running)}};
      write_file_atomically(pids_of(folder), pids.dump() + "\n");
    } catch (const std::exception&) {  // a full disk does not end a server
    }
    if (ending != 0) ::kill(-running, SIGTERM);
    int status = 0;
    while (::waitpid(running, &status, 0) < 0 && errno == EINTR) {
    }
    ::kill(-running, SIGTERM);  // what it has left
    running = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) break;
    if (Clock::now() - start > kSettled) pause = 1;
    if (ending == 0) ::sleep(pause);
  }
  ::_exit(0);
}

}  // namespace

void start_supervised(const fs::path& folder, const SupervisedProgram& program) {
  const int lock = take_lock(folder);
  if (lock < 0) fail(ErrorCode::kUnavailable, folder.filename().string(), " runs already");
  std::error_code ignored;
  fs::remove(pids_of(folder), ignored);
  const pid_t between = ::fork();  // ends at once, so that the supervisor is nobody's child
  if (between == 0) {
    if (::fork() != 0) ::_exit(0);
    leave_caller(folder, lock);
    supervise(folder, program);
  }
  ::close(lock);  // the supervisor has it
  if (between < 0) fail(ErrorCode::kUnavailable, "no new process: ", reason(errno));
  ::waitpid(between, nullptr, 0);
}

std::optional<Supervised> find_supervised(const fs::path& folder) {
  if (!is_locked(folder)) return std::nullopt;
  try {
    const Json json = parse_json(read_file(pids_of(folder)), "its pids");
    return Supervised{json.at("supervisor").get<long>(), json.at("program").get<long>()};
  } catch (const std::exception&) {
    return Supervised{};  // it is just about to say
  }
}

bool stop_supervised(const fs::path& folder, double grace_seconds) {
  const auto deadline = Clock::now() + std::chrono::duration<double>(grace_seconds);
  bool asked = false, killed = false, ran = false;
  while (const auto found = find_supervised(folder)) {
    ran = true;
    if (!asked && found->supervisor > 0) {
      ::kill(static_cast<pid_t>(found->supervisor), SIGTERM);
      asked = true;
    }
    if (!killed && Clock::now() > deadline && found->program > 0) {
      ::kill(-static_cast<pid_t>(found->program), SIGKILL);
      killed = true;
    }
    if (Clock::now() > deadline + kBeyondGrace) {
      fail(ErrorCode::kUnavailable, folder.filename().string(), " does not end; its pids are ",
           found->supervisor, " and ", found->program);
    }
    std::this_thread::sleep_for(kLook);
  }
  return ran;
}

std::string last_log_line(const fs::path& folder) {
  std::ifstream log(folder / "log");
  std::string line, last;
  while (std::getline(log, line)) {
    if (!line.empty()) last = line;
  }
  return last;
}

}  // namespace scrim
