#include "dataops/subvolume.h"

#include "base/files.h"
#include "dataops/loop_file_system.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

TEST(Subvolume, AFolderIsMadeWhereThereAreNone) {
  const TemporaryFolder folder;
  make_data_folder(folder / "data");
  EXPECT_TRUE(fs::is_directory(folder / "data"));
  expect_error(ErrorCode::kUnavailable, "File exists", [&] { make_data_folder(folder / "data"); });
  EXPECT_FALSE(snapshot_subvolume(folder / "none", folder / "clone"));
}

TEST(Subvolume, TreesGoWithAllThatTheyHold) {
  const TemporaryFolder folder;
  fs::create_directories(folder / "data/a/b");
  fs::create_directory_symlink("/", folder / "data/root");
  remove_tree(folder / "data");
  EXPECT_FALSE(fs::exists(folder / "data"));
  EXPECT_NO_THROW(remove_tree(folder / "data"));
}

TEST(Subvolume, ClonesAreIndependentAndGoAtOnce) {
  const LoopFileSystem system("btrfs");
  if (!system.mounted()) GTEST_SKIP() << "no mount of btrfs here";
  fs::create_directory(system.path() / "volume");
  make_data_folder(system.path() / "volume/data");
  write_new_file(system.path() / "volume/data/file", "text");
  ASSERT_TRUE(snapshot_subvolume(system.path() / "volume/data", system.path() / "clone"));
  write_file_atomically(system.path() / "clone/file", "other");
  EXPECT_EQ(read_file(system.path() / "volume/data/file"), "text");
  make_data_folder(system.path() / "volume/data/inner");
  remove_tree(system.path() / "volume");
  EXPECT_FALSE(fs::exists(system.path() / "volume"));
  EXPECT_TRUE(fs::exists(system.path() / "clone/file"));
  fs::create_directory(system.path() / "plain");
  EXPECT_FALSE(snapshot_subvolume(system.path() / "plain", system.path() / "other"));
}

}  // namespace
}  // namespace scrim
