#include "base/program.h"

#include "base/check.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr int kCannotRun = 127;  // as shells report it

}  // namespace

void become_program(const std::vector<std::string>& command, const Environment& environment) {
  sigset_t none_blocked;
  sigemptyset(&none_blocked);
  ::sigprocmask(SIG_SETMASK, &none_blocked, nullptr);
  for (const auto& [name, value] : environment) ::setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  ::execvp(words[0], words.data());
  ::dprintf(STDERR_FILENO, "cannot run %s: %s\n", words[0], std::strerror(errno));
  ::_exit(kCannotRun);
}

std::string found_program(const std::string& program) {
  if (program.find('/') != std::string::npos) {
    if (::access(program.c_str(), X_OK) == 0) return fs::absolute(program).string();
    fail(ErrorCode::kNotFound, "there is no program '", program, "'");
  }
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path candidate = fs::path(folder) / program;
    if (::access(candidate.c_str(), X_OK) == 0) return fs::absolute(candidate).string();
  }
  fail(ErrorCode::kNotFound, "there is no program '", program, "' on the PATH");
}

}  // namespace scrim
