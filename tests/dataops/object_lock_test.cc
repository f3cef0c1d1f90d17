#include "dataops/object_lock.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <thread>

namespace scrim {
namespace {

using std::chrono::milliseconds;

std::optional<ObjectLock> take(const std::filesystem::path& folder, LockMode mode,
                               milliseconds timeout = milliseconds{0}) {
  return ObjectLock::take(folder, mode, timeout, "volume 'x'", [] { return "somebody reads"; });
}

TEST(ObjectLock, ManyReadAndOneReplaces) {
  const TemporaryFolder folder;
  {
    const auto one = take(folder.path(), LockMode::kShared);
    const auto two = take(folder.path(), LockMode::kShared);
    EXPECT_TRUE(one && two);
    expect_error(ErrorCode::kUnavailable, "volume 'x' is busy: somebody reads; waited 0.01 s",
                 [&] { take(folder.path(), LockMode::kExclusive, milliseconds{10}); });
  }
  const auto alone = take(folder.path(), LockMode::kExclusive);
  EXPECT_TRUE(alone);
  EXPECT_FALSE(lock_if_free(folder.path()));
}

TEST(ObjectLock, WaitsUntilTheOtherOneEnds) {
  const TemporaryFolder folder;
  auto held = take(folder.path(), LockMode::kExclusive);
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds{30});
    held.reset();
  });
  EXPECT_TRUE(take(folder.path(), LockMode::kExclusive, milliseconds{10'000}));
  other.join();
}

TEST(ObjectLock, AFolderThatWasReplacedMeanwhileIsLockedAnew) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "x");
  auto held = take(folder / "x", LockMode::kExclusive);
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds{30});
    std::filesystem::rename(folder / "x", folder / "old");
    held.reset();
  });
  EXPECT_FALSE(take(folder / "x", LockMode::kShared, milliseconds{10'000})) << "it is gone";
  other.join();
}

TEST(ObjectLock, NoFolderIsNoLock) {
  const TemporaryFolder folder;
  EXPECT_FALSE(take(folder / "none", LockMode::kShared));
}

}  // namespace
}  // namespace scrim
