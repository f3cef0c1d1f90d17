#include "base/check.h"
#include "base/descriptor.h"
#include "base/files.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace scrim {
namespace fs = std::filesystem;
namespace {

// The target as a plain path: "a/b/" names the same folder as "a/b", a link what it points at.
fs::path resolved(const fs::path& target) {
  fs::path path = target.lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  const std::string leaf = path.filename().string();
  check(!leaf.empty() && leaf != "." && leaf != "..", "cannot write a folder at '", target.string(),
        "': it must name a new folder or one to replace");
  std::error_code ignored;
  return fs::exists(path, ignored) ? fs::canonical(path) : path;
}

// All of it before the rename, else a power cut may leave the new name with parts of no content.
void sync_tree(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() || entry.is_directory()) sync_path(entry.path());
  }
  sync_path(folder);
}

// Puts `from` at `to`. Where something is there already, the two change names, so that at no moment
// is there nothing; what was there before is then at `from`.
void exchange(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return;
  if (errno != ENOTEMPTY && errno != EEXIST) fail_to_write(to, errno);
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail_to_write(to, errno);
  // A file system that cannot exchange: out of the way first, and back if the second step fails.
  const fs::path aside = temporary_beside(to);
  if (::rename(to.c_str(), aside.c_str()) != 0) fail_to_write(to, errno);
  if (::rename(from.c_str(), to.c_str()) != 0) {
    const int error = errno;
    ::rename(aside.c_str(), to.c_str());
    fail_to_write(to, error);
  }
  ::rename(aside.c_str(), from.c_str());
}

}  // namespace

AtomicFolder::AtomicFolder(fs::path target) : target_(resolved(target)) {
  std::error_code ignored;
  const fs::file_status status = fs::status(target_, ignored);
  check(!fs::exists(status) || fs::is_directory(status), "cannot write a folder at ",
        target_.string(), ": there is a file");
  remove_abandoned();
  create();
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
  ::close(lock_);
}

void AtomicFolder::create() {
  constexpr int kAttempts = 10;  // another process may take a new folder for an abandoned one
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    temporary_ = temporary_beside(target_);
    if (::mkdir(temporary_.c_str(), 0777) != 0) fail_to_write(target_, errno);
    lock_ = ::open(temporary_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock_ < 0) continue;
    ::flock(lock_, LOCK_EX);  // fails where there are no locks, and then nobody can take it either
    if (is_same_file(lock_, temporary_)) return;
    ::close(lock_);
  }
  fail(ErrorCode::kUnavailable, "cannot write ", target_.string(), ": no temporary folder");
}

void AtomicFolder::remove_abandoned() const {
  const std::string prefix = temporary_prefix(target_);
  std::error_code error;
  for (fs::directory_iterator entry(folder_of(target_), error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->path().filename().string().starts_with(prefix)) continue;
    constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    const Descriptor folder(::open(entry->path().c_str(), kFlags));
    if (!folder.valid() || ::flock(folder.get(), LOCK_EX | LOCK_NB) != 0) continue;
    std::error_code ignored;
    fs::remove_all(entry->path(), ignored);
  }
}

void AtomicFolder::commit() {
  sync_tree(temporary_);
  exchange(temporary_, target_);
  sync_path(folder_of(target_));
  std::error_code ignored;  // the new folder is in place; what stays of the old goes next time
  fs::remove_all(temporary_, ignored);
}

}  // namespace scrim
