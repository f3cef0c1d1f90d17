#include "base/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "support/expect_error.h"
#include "support/file_size_limit.h"
#include "support/temporary_folder.h"

namespace scrim {
namespace {

namespace fs = std::filesystem;

std::size_t count_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

TEST(ReadFile, GivesBackEveryByte) {
  const TemporaryFolder home;
  std::string bytes(3'000'001, '\0');  // several blocks and a rest
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 >> 3);
  write_file_atomically(home / "file", bytes);
  EXPECT_TRUE(read_file(home / "file") == bytes);
  write_file_atomically(home / "empty", "");
  EXPECT_EQ(read_file(home / "empty"), "");
}

TEST(ReadFile, TellsMissingFromUnreadable) {
  const TemporaryFolder home;
  write_file_atomically(home / "file", "x");
  expect_error(ErrorCode::kNotFound, "nothing", [&] { read_file(home / "nothing"); });
  expect_error(ErrorCode::kNotFound, "below", [&] { read_file(home / "file" / "below"); });
  expect_error(ErrorCode::kInvalidArgument, "is a folder", [&] { read_file(home.path()); });
}

TEST(ReadFile, StopsAtTheLimitEvenWhereNoSizeIsKnown) {
  const TemporaryFolder home;
  write_file_atomically(home / "file", "12345");
  EXPECT_EQ(read_file(home / "file", 5), "12345");
  expect_error(ErrorCode::kInvalidArgument, "longer than 4 bytes",
               [&] { read_file(home / "file", 4); });
  expect_error(ErrorCode::kInvalidArgument, "longer than 1000 bytes",
               [] { read_file("/dev/zero", 1000); });
  EXPECT_FALSE(read_file("/proc/self/stat").empty());  // says size 0
}

TEST(WriteFileAtomically, ReplacesAndLeavesNothingElse) {
  const TemporaryFolder home;
  write_file_atomically(home / "file", "old and longer");
  write_file_atomically(home / "file", "new");
  EXPECT_EQ(read_file(home / "file"), "new");
  EXPECT_EQ(count_in(home.path()), 1U);
}

TEST(WriteFileAtomically, FullDiskKeepsTheOldFileAndLeavesNothing) {
  const TemporaryFolder home;
  write_file_atomically(home / "file", "old");
  for (const char* name : {"file", "new"}) {
    expect_error(ErrorCode::kUnavailable, "cannot write", [&] {
      const FileSizeLimit limit(1000);
      write_file_atomically(home / name, std::string(5000, 'x'));
    });
  }
  EXPECT_EQ(read_file(home / "file"), "old");
  EXPECT_EQ(count_in(home.path()), 1U);
}

// Devices have nothing to rename over: they are written straight, and stay what they are.
TEST(WriteFileAtomically, ADeviceStaysADevice) {
  expect_error(ErrorCode::kUnavailable, "No space left on device",
               [] { write_file_atomically("/dev/full", "x"); });
  write_file_atomically("/dev/null", "x");
  struct stat status {};
  ASSERT_EQ(::stat("/dev/null", &status), 0);
  EXPECT_TRUE(S_ISCHR(status.st_mode));
}

TEST(WriteFileAtomically, APipeBehindALinkIsWrittenStraight) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  write_file_atomically("/proc/self/fd/" + std::to_string(ends[1]), "hello");
  std::array<char, 8> bytes{};
  EXPECT_EQ(::read(ends[0], bytes.data(), bytes.size()), 5);
  EXPECT_STREQ(bytes.data(), "hello");
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST(WriteFileAtomically, FollowsALink) {
  const TemporaryFolder home;
  write_file_atomically(home / "file", "old");
  fs::create_symlink("file", home / "link");
  write_file_atomically(home / "link", "new");
  EXPECT_TRUE(fs::is_symlink(home / "link"));
  EXPECT_EQ(read_file(home / "file"), "new");
}

// Root may write to read-only folders; below a file, and in /proc, nobody may.
TEST(WriteFileAtomically, SaysWhyItCannotWrite) {
  const TemporaryFolder home;
  write_file_atomically(home / "file", "x");
  expect_error(ErrorCode::kNotFound, "no folder",
               [&] { write_file_atomically(home / "missing" / "file", "x"); });
  expect_error(ErrorCode::kUnavailable, "Not a directory",
               [&] { write_file_atomically(home / "file" / "below", "x"); });
  expect_error(ErrorCode::kUnavailable, "cannot write /proc/scrim",
               [] { write_file_atomically("/proc/scrim", "x"); });
  expect_error(ErrorCode::kInvalidArgument, "is a folder",
               [&] { write_file_atomically(home.path(), "x"); });
  expect_error(ErrorCode::kInvalidArgument, "names no file",
               [] { write_file_atomically("", "x"); });
  EXPECT_EQ(count_in(home.path()), 1U);
}

TEST(WriteNewFile, NeverReplaces) {
  const TemporaryFolder home;
  write_new_file(home / "file", "first");
  expect_error(ErrorCode::kUnavailable, "File exists", [&] { write_new_file(home / "file", "x"); });
  EXPECT_EQ(read_file(home / "file"), "first");
}

}  // namespace
}  // namespace scrim
