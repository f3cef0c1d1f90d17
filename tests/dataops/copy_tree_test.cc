#include "dataops/copy_tree.h"

#include "base/files.h"
#include "dataops/loop_file_system.h"
#include "dataops/subvolume.h"
#include "support/expect_error.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cstring>

namespace scrim {
namespace {

namespace fs = std::filesystem;

struct stat status_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0) << path;
  return status;
}

// A bit of everything that a folder can hold.
void fill(const fs::path& root) {
  fs::create_directories(root / "pictures/empty");
  write_new_file(root / "pictures/one.raw", std::string(3'000'000, 'x') + "end");
  write_new_file(root / "none", "");
  fs::create_hard_link(root / "none", root / "pictures/same");
  fs::create_symlink("/etc/passwd", root / "outside");
  fs::create_directory_symlink("..", root / "pictures/up");
  EXPECT_EQ(::mkfifo((root / "pipe").c_str(), 0640), 0);
  ::setxattr((root / "pictures/one.raw").c_str(), "user.origin", "camera", 6, 0);
  const int sparse = ::open((root / "sparse").c_str(), O_WRONLY | O_CREAT, 0600);
  EXPECT_EQ(::pwrite(sparse, "data", 4, 64 << 20), 4);
  EXPECT_EQ(::ftruncate(sparse, 128 << 20), 0);
  ::close(sparse);
  EXPECT_EQ(::chmod((root / "pictures/one.raw").c_str(), 04750), 0);
  EXPECT_EQ(::chmod((root / "pictures/empty").c_str(), 0500), 0);
  const timespec times[2] = {{1'000'000, 5}, {2'000'000, 7}};
  for (const char* name : {"pictures", "outside"}) {
    EXPECT_EQ(::utimensat(AT_FDCWD, (root / name).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
  }
}

void expect_copied(const fs::path& from, const fs::path& to) {
  EXPECT_TRUE(read_file(to / "pictures/one.raw") == read_file(from / "pictures/one.raw"));
  EXPECT_EQ(status_of(to / "pictures/one.raw").st_mode & 07777, 04750U);
  EXPECT_EQ(status_of(to / "pictures/empty").st_mode & 07777, 0500U);
  EXPECT_EQ(fs::read_symlink(to / "outside"), "/etc/passwd");
  EXPECT_EQ(fs::read_symlink(to / "pictures/up"), "..");
  EXPECT_TRUE(S_ISFIFO(status_of(to / "pipe").st_mode));
  EXPECT_EQ(status_of(to / "none").st_ino, status_of(to / "pictures/same").st_ino);
  EXPECT_EQ(status_of(to / "sparse").st_size, 128 << 20);
  EXPECT_LT(status_of(to / "sparse").st_blocks, 4096) << "holes stay holes";
  EXPECT_EQ(status_of(to / "pictures").st_mtim.tv_sec, 2'000'000);
  EXPECT_EQ(status_of(to / "pictures").st_mtim.tv_nsec, 7);
  EXPECT_EQ(status_of(to / "outside").st_mtim.tv_sec, 2'000'000);
  char value[8] = {};
  if (::getxattr((from / "pictures/one.raw").c_str(), "user.origin", value, 8) == 6) {
    std::memset(value, 0, sizeof(value));
    EXPECT_EQ(::getxattr((to / "pictures/one.raw").c_str(), "user.origin", value, 8), 6);
    EXPECT_STREQ(value, "camera");
  }
}

TEST(CopyTree, KeepsWhatAFolderCanHold) {
  const TemporaryFolder folder;
  make_data_folder(folder / "from");
  fill(folder / "from");
  copy_tree(folder / "from", folder / "to");
  expect_copied(folder / "from", folder / "to");
  write_file_atomically(folder / "to/none", "changed");
  EXPECT_EQ(read_file(folder / "from/none"), "") << "the two are independent";
}

TEST(CopyTree, LeavesSocketsOut) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "from");
  const int server = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = (folder / "from/socket").string();
  ASSERT_LT(path.size(), sizeof(address.sun_path));
  std::strcpy(address.sun_path, path.c_str());
  ASSERT_EQ(::bind(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  copy_tree(folder / "from", folder / "to");
  EXPECT_TRUE(fs::is_empty(folder / "to"));
  ::close(server);
}

TEST(CopyTree, AStopEndsIt) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "from");
  for (int i = 0; i < 10; ++i) write_new_file(folder / "from" / std::to_string(i), "x");
  std::stop_source source;
  std::int64_t last = 0;
  const ProgressFn progress = [&](const Progress& now) {
    last = now.done;
    if (now.done == 4) source.request_stop();
  };
  expect_error(ErrorCode::kUnavailable, "stopped after 4 files", [&] {
    copy_tree(folder / "from", folder / "to", {.progress = progress, .stop = source.get_token()});
  });
  EXPECT_EQ(last, 4);
}

TEST(CopyTree, SharesBlocksWhereTheFileSystemCan) {
  const LoopFileSystem system("xfs");
  if (!system.mounted()) GTEST_SKIP() << "no mount of xfs here";
  make_data_folder(system.path() / "from");
  fill(system.path() / "from");
  EXPECT_EQ(copy_tree(system.path() / "from", system.path() / "to"), CopyMethod::kReflink);
  expect_copied(system.path() / "from", system.path() / "to");
}

TEST(CopyTree, ClonesSubvolumesAtOnce) {
  const LoopFileSystem system("btrfs");
  if (!system.mounted()) GTEST_SKIP() << "no mount of btrfs here";
  make_data_folder(system.path() / "from");
  fill(system.path() / "from");
  EXPECT_EQ(copy_tree(system.path() / "from", system.path() / "to"), CopyMethod::kSubvolume);
  expect_copied(system.path() / "from", system.path() / "to");
  fs::create_directory(system.path() / "plain");
  write_new_file(system.path() / "plain/file", "text");
  EXPECT_EQ(copy_tree(system.path() / "plain", system.path() / "shared"), CopyMethod::kReflink);
  EXPECT_EQ(read_file(system.path() / "shared/file"), "text");
}

TEST(CopyTree, AFullDiskIsNamed) {
  const LoopFileSystem system("ext4", 32);
  if (!system.mounted()) GTEST_SKIP() << "no mount of ext4 here";
  make_data_folder(system.path() / "from");
  write_new_file(system.path() / "from/large", std::string(20'000'000, 'x'));
  expect_error(ErrorCode::kUnavailable, "from/large: No space left on device",
               [&] { copy_tree(system.path() / "from", system.path() / "to"); });
}

}  // namespace
}  // namespace scrim
