// Who works on an object: many may read it, or one may replace it.
#pragma once

#include "base/descriptor.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace scrim {

enum class LockMode { kShared, kExclusive };

// A lock on a folder, held until destruction or the end of the process, however it ends.
class ObjectLock {
 public:
  // Waits for `timeout`. Nothing where there is no such folder, also when it goes away meanwhile.
  // Throws kUnavailable when the time is over: "WHAT is busy: HOLDER; waited N s".
  static std::optional<ObjectLock> take(const std::filesystem::path& folder, LockMode mode,
                                        std::chrono::milliseconds timeout, const std::string& what,
                                        const std::function<std::string()>& holder);
  ObjectLock(ObjectLock&& other) noexcept;
  ObjectLock& operator=(ObjectLock&&) = delete;
  ~ObjectLock();

 private:
  explicit ObjectLock(int folder) : folder_(folder) {}
  int folder_;
};

// A lock that nobody else has at this moment, or nothing.
std::optional<ObjectLock> lock_if_free(const std::filesystem::path& folder);

}  // namespace scrim
