#include "base/descriptor.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace scrim {
namespace {

TEST(Descriptor, ClosesWhatItHolds) {
  int number = -1;
  {
    const Descriptor file(::open("/dev/null", O_RDONLY));
    ASSERT_TRUE(file.valid());
    number = file.get();
    EXPECT_NE(::fcntl(number, F_GETFD), -1);
  }
  EXPECT_EQ(::fcntl(number, F_GETFD), -1);
}

TEST(Descriptor, OfAFailedOpenIsNotValid) {
  EXPECT_FALSE(Descriptor(::open("/nowhere/file", O_RDONLY)).valid());
}

TEST(FailToWrite, TellsAMissingFolderFromARefusingSystem) {
  const TemporaryFolder home;
  expect_error(ErrorCode::kNotFound, "no folder",
               [&] { fail_to_write(home / "missing" / "file", ENOENT); });
  expect_error(ErrorCode::kUnavailable, "No such file",
               [&] { fail_to_write(home / "file", ENOENT); });
  expect_error(ErrorCode::kUnavailable, "No space left on device",
               [&] { fail_to_write(home / "file", ENOSPC); });
  expect_error(ErrorCode::kUnavailable, "Read-only file system",
               [&] { fail_to_write(home / "missing" / "file", EROFS); });
}

TEST(TemporaryBeside, IsAnotherHiddenNameInTheSameFolderEachTime) {
  const auto first = temporary_beside("folder/file");
  EXPECT_EQ(first.parent_path(), "folder");
  EXPECT_TRUE(first.filename().string().starts_with(temporary_prefix("folder/file")));
  EXPECT_EQ(first.filename().string()[0], '.');
  EXPECT_NE(first, temporary_beside("folder/file"));
  EXPECT_EQ(temporary_beside("file").parent_path(), ".");
}

TEST(SyncPath, TakesFilesAndFoldersAndSaysWhatIsMissing) {
  const TemporaryFolder home;
  EXPECT_NO_THROW(sync_path(home.path()));
  expect_error(ErrorCode::kUnavailable, "missing", [&] { sync_path(home / "missing"); });
  EXPECT_NO_THROW(sync_file_system(home.path()));
  expect_error(ErrorCode::kNotFound, "missing", [&] { sync_file_system(home / "missing/x"); });
}

}  // namespace
}  // namespace scrim
