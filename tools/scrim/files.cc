#include "files.h"

#include "command/command.h"

#include <scrim/key.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;

// "x/" and "x" name the same folder.
fs::path without_slash(const fs::path& path) {
  return path.has_filename() ? path : path.parent_path();
}

fs::path parent_of(const fs::path& path) {
  const fs::path parent = without_slash(path).parent_path();
  return parent.empty() ? fs::path(".") : parent;
}

// A name beside `path` that this process alone uses.
fs::path temporary_beside(const fs::path& path) {
  fs::path name = ".";
  name += without_slash(path).filename();
  name += ".tmp-" + std::to_string(::getpid());
  return parent_of(path) / name;
}

[[noreturn]] void fail_to_write(const fs::path& path, int reason) {
  fail(ErrorCode::kUnavailable, "cannot write ", path.string(), ": ", std::strerror(reason));
}

// Writes and syncs; returns 0 or the errno of what failed.
int write_and_sync(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(file) == 0 ? 0 : errno;
}

}  // namespace

fs::path default_key() {
  if (const char* config = std::getenv("XDG_CONFIG_HOME"); config != nullptr && *config != '\0') {
    return fs::path(config) / Key::kDefaultName;
  }
  const char* home = std::getenv("HOME");
  return fs::path(home == nullptr ? "." : home) / ".config" / Key::kDefaultName;
}

std::string program_name() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::equivalent(fs::path(folder) / program.filename(), program, ignored)) {
      return program.filename().string();
    }
  }
  return fs::proximate(program, ignored).string();
}

fs::path shipped_weights() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  for (const char* place : {"../../../share", "../share/scrim"}) {
    const fs::path weights = program / place / "faceboxes.safetensors";
    if (fs::exists(weights, ignored)) return fs::canonical(weights);
  }
  fail(ErrorCode::kNotFound,
       "the detector that comes with Scrim, faceboxes.safetensors, is not in ", program.string(),
       "/../../../share nor in ../share/scrim; name one with --weights");
}

void write_text(const fs::path& path, std::string_view text) {
  const fs::path temporary = temporary_beside(path);
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail_to_write(path, errno);
  int reason = write_and_sync(file, text);
  if (::close(file) != 0 && reason == 0) reason = errno;
  if (reason == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) reason = errno;
  if (reason == 0) return;
  ::unlink(temporary.c_str());
  fail_to_write(path, reason);
}

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    fail(ErrorCode::kUnavailable, "cannot make the folder ", folder.string(), ": ",
         error.message());
}

void check_writable(const fs::path& folder) {
  std::string probe = (folder / ".scrim-XXXXXX").string();
  const int file = ::mkstemp(probe.data());
  if (file < 0) fail_to_write(folder, errno);
  ::close(file);
  ::unlink(probe.c_str());
}

NewFolder::NewFolder(fs::path target)
    : target_(without_slash(target)), path_(temporary_beside(target)) {
  std::error_code ignored;
  require(!fs::exists(target_, ignored) || fs::is_empty(target_, ignored), target_.string(),
          " exists already; name a new folder");
  make_folder(parent_of(target_));
  fs::remove_all(path_, ignored);  // of a process of the same number that was killed
  if (!fs::create_directory(path_, ignored)) fail_to_write(target_, ignored.value());
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void NewFolder::keep() {
  if (::rename(path_.c_str(), target_.c_str()) != 0) fail_to_write(target_, errno);
}

ScratchFolder::ScratchFolder() {
  std::error_code ignored;
  std::string name = (fs::temp_directory_path(ignored) / "scrim-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) fail_to_write(name, errno);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace scrim::cli
