#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/file_size_limit.h"
#include "support/temporary_folder.h"

namespace scrim {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

void write_folder(const fs::path& target, const std::string& name) {
  AtomicFolder folder(target);
  write_new_file(folder.path() / name, name);
  folder.commit();
}

TEST(AtomicFolder, IsUnseenUntilItIsCommitted) {
  const TemporaryFolder home;
  AtomicFolder folder(home / "target");
  fs::create_directories(folder.path() / "a" / "b");
  write_new_file(folder.path() / "a" / "b" / "file", "deep");
  EXPECT_FALSE(fs::exists(home / "target"));
  folder.commit();
  EXPECT_EQ(read_file(home / "target" / "a" / "b" / "file"), "deep");
  EXPECT_EQ(names_in(home.path()), std::vector<std::string>{"target"});
}

TEST(AtomicFolder, WithoutCommitNothingIsLeft) {
  const TemporaryFolder home;
  {
    AtomicFolder folder(home / "target");
    write_new_file(folder.path() / "file", "x");
  }
  EXPECT_TRUE(names_in(home.path()).empty());
}

TEST(AtomicFolder, ReplacesTheOldFolderWhole) {
  const TemporaryFolder home;
  write_folder(home / "target", "old");
  write_folder(home / "target", "new");
  EXPECT_EQ(names_in(home / "target"), std::vector<std::string>{"new"});
  EXPECT_EQ(names_in(home.path()), std::vector<std::string>{"target"});
}

TEST(AtomicFolder, TrailingSlashAndRelativePathsNameTheSameFolder) {
  const TemporaryFolder home;
  write_folder(home.path().string() + "/target/", "first");
  EXPECT_TRUE(fs::exists(home / "target" / "first"));
  write_folder(home / "x" / ".." / "target", "second");
  EXPECT_EQ(names_in(home / "target"), std::vector<std::string>{"second"});
}

TEST(AtomicFolder, FollowsALinkToAFolder) {
  const TemporaryFolder home;
  write_folder(home / "target", "old");
  fs::create_directory_symlink("target", home / "link");
  write_folder(home / "link", "new");
  EXPECT_TRUE(fs::is_symlink(home / "link"));
  EXPECT_EQ(names_in(home / "target"), std::vector<std::string>{"new"});
}

TEST(AtomicFolder, RefusesATargetThatIsNoFolder) {
  const TemporaryFolder home;
  write_new_file(home / "file", "kept");
  expect_error(ErrorCode::kInvalidArgument, "there is a file",
               [&] { AtomicFolder folder(home / "file"); });
  for (const char* target : {"", ".", "..", "/", "./"}) {
    expect_error(ErrorCode::kInvalidArgument, "must name",
                 [target] { AtomicFolder folder(target); });
  }
  EXPECT_EQ(read_file(home / "file"), "kept");
}

TEST(AtomicFolder, SaysWhyItCannotBeMade) {
  const TemporaryFolder home;
  write_new_file(home / "file", "x");
  expect_error(ErrorCode::kNotFound, "no folder",
               [&] { AtomicFolder folder(home / "missing" / "target"); });
  expect_error(ErrorCode::kUnavailable, "Not a directory",
               [&] { AtomicFolder folder(home / "file" / "target"); });
  expect_error(ErrorCode::kUnavailable, "cannot write",
               [] { AtomicFolder folder("/proc/scrim-target"); });
}

TEST(AtomicFolder, FullDiskLeavesTheOldFolder) {
  const TemporaryFolder home;
  write_folder(home / "target", "old");
  expect_error(ErrorCode::kUnavailable, "cannot write", [&] {
    const FileSizeLimit limit(1000);
    AtomicFolder folder(home / "target");
    write_new_file(folder.path() / "big", std::string(5000, 'x'));
    folder.commit();
  });
  EXPECT_EQ(names_in(home / "target"), std::vector<std::string>{"old"});
  EXPECT_EQ(names_in(home.path()), std::vector<std::string>{"target"});
}

TEST(AtomicFolder, RemovesWhatNobodyOwnsAndNothingElse) {
  const TemporaryFolder home;
  fs::create_directories(home / ".target.tmp-0123456789abcdef" / "client");
  fs::create_directories(home / ".other.tmp-0123456789abcdef");
  fs::create_directories(home / "mine");
  AtomicFolder first(home / "target");
  const AtomicFolder second(home / "target");
  EXPECT_TRUE(fs::exists(first.path())) << "a live writer's folder was taken";
  EXPECT_TRUE(fs::exists(second.path()));
  first.commit();
  EXPECT_FALSE(fs::exists(home / ".target.tmp-0123456789abcdef"));
  EXPECT_TRUE(fs::exists(home / ".other.tmp-0123456789abcdef"));
  EXPECT_TRUE(fs::exists(home / "mine"));
}

TEST(AtomicFolder, LastOfTwoWritersWins) {
  const TemporaryFolder home;
  AtomicFolder first(home / "target");
  AtomicFolder second(home / "target");
  write_new_file(first.path() / "first", "");
  write_new_file(second.path() / "second", "");
  first.commit();
  second.commit();
  EXPECT_EQ(names_in(home / "target"), std::vector<std::string>{"second"});
}

}  // namespace
}  // namespace scrim
