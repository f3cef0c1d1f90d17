#include "dataops/object_lock.h"

#include "base/check.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>

namespace scrim {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kOpenFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr milliseconds kFirstPause{1}, kLongestPause{50};

}  // namespace

ObjectLock::ObjectLock(ObjectLock&& other) noexcept : folder_(std::exchange(other.folder_, -1)) {}

ObjectLock::~ObjectLock() {
  if (folder_ >= 0) ::close(folder_);
}

std::optional<ObjectLock> ObjectLock::take(const fs::path& folder, LockMode mode,
                                           milliseconds timeout, const std::string& what,
                                           const std::function<std::string()>& holder) {
  const Clock::time_point deadline = Clock::now() + timeout;
  const int kind = (mode == LockMode::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  for (milliseconds pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    ObjectLock lock(::open(folder.c_str(), kOpenFolder));
    if (lock.folder_ < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::nullopt;
    if (lock.folder_ < 0) {
      fail(ErrorCode::kUnavailable, what, " cannot be opened: ", reason(errno));
    }
    const int locked = ::flock(lock.folder_, kind);
    if (locked != 0 && errno != EWOULDBLOCK && errno != EINTR) {
      fail(ErrorCode::kUnavailable, what, " cannot be locked: ", reason(errno));
    }
    // What was locked may have been replaced in the meantime: then the new one is wanted.
    if (locked == 0 && is_same_file(lock.folder_, folder)) return lock;
    if (Clock::now() >= deadline) {
      fail(ErrorCode::kUnavailable, what, " is busy: ", holder(), "; waited ",
           static_cast<double>(timeout.count()) / 1000, " s");
    }
    if (locked != 0) std::this_thread::sleep_for(pause);
  }
}

std::optional<ObjectLock> lock_if_free(const fs::path& folder) {
  try {
    return ObjectLock::take(folder, LockMode::kExclusive, milliseconds{0}, "it", [] { return ""; });
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace scrim
