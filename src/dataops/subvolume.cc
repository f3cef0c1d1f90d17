#include "dataops/subvolume.h"

#include "base/check.h"
#include "base/descriptor.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr ino_t kSubvolumeInode = 256;  // BTRFS_FIRST_FREE_OBJECTID: the root of each subvolume

bool is_on_btrfs(const fs::path& path) {
  struct statfs system {};
  return ::statfs(path.c_str(), &system) == 0 && system.f_type == BTRFS_SUPER_MAGIC;
}

bool is_subvolume(const fs::path& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_ino == kSubvolumeInode && is_on_btrfs(path);
}

Descriptor open_folder(const fs::path& path) {
  return Descriptor(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
}

// Fills a request of btrfs with the name of `path` in its folder. False for one that is too long.
template <typename Arguments>
bool put_name(const fs::path& path, Arguments& arguments) {
  const std::string name = path.filename().string();
  if (name.size() >= sizeof(arguments.name)) return false;
  std::memcpy(arguments.name, name.c_str(), name.size() + 1);
  return true;
}

bool delete_subvolume(const fs::path& path) {
  const Descriptor folder = open_folder(folder_of(path));
  btrfs_ioctl_vol_args arguments{};
  return folder.valid() && put_name(path, arguments) &&
         ::ioctl(folder.get(), BTRFS_IOC_SNAP_DESTROY, &arguments) == 0;
}

// Those below first: btrfs deletes no subvolume that holds another one.
void delete_subvolumes(const fs::path& path) {
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_directory(error) && !entry->is_symlink(error)) delete_subvolumes(entry->path());
  }
  if (is_subvolume(path)) delete_subvolume(path);
}

}  // namespace

void make_data_folder(const fs::path& path) {
  const Descriptor folder = open_folder(folder_of(path));
  btrfs_ioctl_vol_args arguments{};
  if (folder.valid() && is_on_btrfs(folder_of(path)) && put_name(path, arguments) &&
      ::ioctl(folder.get(), BTRFS_IOC_SUBVOL_CREATE, &arguments) == 0) {
    return;
  }
  if (::mkdir(path.c_str(), 0777) != 0) fail_to_write(path, errno);
}

bool snapshot_subvolume(const fs::path& from, const fs::path& to) {
  if (!is_subvolume(from)) return false;
  const Descriptor source = open_folder(from), folder = open_folder(folder_of(to));
  btrfs_ioctl_vol_args_v2 arguments{};
  if (!source.valid() || !folder.valid() || !put_name(to, arguments)) return false;
  arguments.fd = source.get();
  return ::ioctl(folder.get(), BTRFS_IOC_SNAP_CREATE_V2, &arguments) == 0;
}

void remove_tree(const fs::path& path) {
  if (is_on_btrfs(folder_of(path))) delete_subvolumes(path);
  std::error_code error;
  fs::remove_all(path, error);
  if (error) {
    fail(ErrorCode::kUnavailable, "cannot remove ", path.string(), ": ", error.message());
  }
}

}  // namespace scrim
