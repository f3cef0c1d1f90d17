#include "dataops/copy_tree.h"

#include "base/check.h"
#include "base/descriptor.h"
#include "dataops/subvolume.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kCopyBlock = std::size_t{1} << 20;

[[noreturn]] void fail_to_copy(const std::string& path, int error) {
  fail(ErrorCode::kUnavailable, "cannot copy ", path, ": ", reason(error));
}

// Whether a file system says that it cannot do a thing at all, and not that it failed.
bool is_unsupported(int error) {
  return error == EOPNOTSUPP || error == EXDEV || error == EINVAL || error == ENOTTY ||
         error == ENOSYS || error == EBADF;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

// Names of a folder, without "." and "..".
std::vector<std::string> names_in(int folder, const std::string& path) {
  const int again = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseFolder> entries(again < 0 ? nullptr : ::fdopendir(again));
  if (!entries) fail_to_copy(path, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  if (errno != 0) fail_to_copy(path, errno);
  return names;
}

class TreeCopier {
 public:
  TreeCopier(std::string source, int target, const CopyOptions& options)
      : source_(std::move(source)), target_(target), options_(options) {}

  void copy_folder(int from, int to, const std::string& path) {
    for (const std::string& name : names_in(from, path)) {
      copy_entry(from, to, name, std::string(path).append("/").append(name));
    }
    struct stat status {};
    if (::fstat(from, &status) != 0) fail_to_copy(path, errno);
    copy_attributes(from, to, status, path);
  }

  CopyMethod method() const { return method_; }

 private:
  void copy_entry(int from, int to, const std::string& name, const std::string& path) {
    if (options_.stop.stop_requested()) {
      fail(ErrorCode::kUnavailable, "stopped after ", files_, " files; nothing was changed");
    }
    struct stat status {};
    if (::fstatat(from, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) return;  // it went away meanwhile
      fail_to_copy(path, errno);
    }
    if (S_ISDIR(status.st_mode)) {
      copy_subfolder(from, to, name, path);
    } else if (S_ISLNK(status.st_mode)) {
      copy_link(from, to, name, status, path);
    } else if (!S_ISSOCK(status.st_mode) && !link_to_copied(to, name, status, path)) {
      copy_file(from, to, name, status, path);
    }
    ++files_;
    if (options_.progress) options_.progress({"copy", files_, 0, "", false});
  }

  void copy_subfolder(int from, int to, const std::string& name, const std::string& path) {
    constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (::mkdirat(to, name.c_str(), 0700) != 0) fail_to_copy(path, errno);
    const Descriptor source(::openat(from, name.c_str(), kFolder));
    if (!source.valid()) fail_to_copy(path, errno);
    const Descriptor target(::openat(to, name.c_str(), kFolder));
    if (!target.valid()) fail_to_copy(path, errno);
    copy_folder(source.get(), target.get(), path);
  }

  static void copy_link(int from, int to, const std::string& name, const struct stat& status,
                        const std::string& path) {
    std::array<char, PATH_MAX> target{};
    const ssize_t size = ::readlinkat(from, name.c_str(), target.data(), target.size() - 1);
    if (size < 0 || ::symlinkat(target.data(), to, name.c_str()) != 0) fail_to_copy(path, errno);
    give(::fchownat(to, name.c_str(), status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW), path);
    const std::array times = {status.st_atim, status.st_mtim};
    ::utimensat(to, name.c_str(), times.data(), AT_SYMLINK_NOFOLLOW);
  }

  // Of a file with several names, all but the first become links to its copy.
  bool link_to_copied(int to, const std::string& name, const struct stat& status,
                      const std::string& path) {
    if (status.st_nlink < 2) return false;
    const std::string inside = path.substr(source_.size() + 1);
    const auto [copied, is_first] = linked_.try_emplace({status.st_dev, status.st_ino}, inside);
    if (is_first) return false;
    if (::linkat(target_, copied->second.c_str(), to, name.c_str(), 0) != 0) {
      fail_to_copy(path, errno);
    }
    return true;
  }

  void copy_file(int from, int to, const std::string& name, const struct stat& status,
                 const std::string& path) {
    if (!S_ISREG(status.st_mode)) {
      const int made = ::mknodat(to, name.c_str(), status.st_mode, status.st_rdev);
      if (made != 0) fail_to_copy(path, errno);
      return;
    }
    const Descriptor source(
        ::openat(from, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!source.valid()) fail_to_copy(path, errno);
    constexpr int kNewFile = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    const Descriptor target(::openat(to, name.c_str(), kNewFile, 0600));
    if (!target.valid()) fail_to_copy(path, errno);
    copy_content(source.get(), target.get(), status, path);
    copy_attributes(source.get(), target.get(), status, path);
  }

  void copy_content(int from, int to, const struct stat& status, const std::string& path) {
    if (method_ == CopyMethod::kReflink) {
      if (::ioctl(to, FICLONE, from) == 0) return;
      if (!is_unsupported(errno)) fail_to_copy(path, errno);
      method_ = CopyMethod::kCopy;  // and so for all that follow
    }
    off_t data = 0;
    while ((data = ::lseek(from, data, SEEK_DATA)) >= 0) {
      const off_t hole = ::lseek(from, data, SEEK_HOLE);
      if (hole < 0) fail_to_copy(path, errno);
      copy_bytes(from, to, data, hole, path);
      data = hole;
    }
    if (errno != ENXIO) fail_to_copy(path, errno);
    if (::ftruncate(to, status.st_size) != 0) fail_to_copy(path, errno);
  }

  void copy_bytes(int from, int to, off_t at, off_t end, const std::string& path) {
    while (at < end) {
      const auto size = std::min(kCopyBlock, static_cast<std::size_t>(end - at));
      const ssize_t got = ::pread(from, block_.data(), size, at);
      if (got < 0) fail_to_copy(path, errno);
      if (got == 0) return;  // it became shorter meanwhile
      for (ssize_t done = 0; done < got;) {
        const ssize_t put =
            ::pwrite(to, block_.data() + done, static_cast<std::size_t>(got - done), at + done);
        if (put < 0) fail_to_copy(path, errno);
        done += put;
      }
      at += got;
    }
  }

  // Only root may give files away: whoever else copies owns the copy.
  static void give(int result, const std::string& path) {
    if (result != 0 && errno != EPERM) fail_to_copy(path, errno);
  }

  static void copy_attributes(int from, int to, const struct stat& status,
                              const std::string& path) {
    give(::fchown(to, status.st_uid, status.st_gid), path);
    copy_extended(from, to, path);
    if (::fchmod(to, status.st_mode & 07777) != 0) fail_to_copy(path, errno);
    const std::array times = {status.st_atim, status.st_mtim};
    if (::futimens(to, times.data()) != 0) fail_to_copy(path, errno);
  }

  static void copy_extended(int from, int to, const std::string& path) {
    const ssize_t size = ::flistxattr(from, nullptr, 0);
    if (size <= 0) return;
    std::vector<char> names(static_cast<std::size_t>(size)), value;
    const ssize_t listed = ::flistxattr(from, names.data(), names.size());
    for (const char* name = names.data(); name < names.data() + std::max<ssize_t>(listed, 0);
         name += std::strlen(name) + 1) {
      const ssize_t length = ::fgetxattr(from, name, nullptr, 0);
      if (length < 0) continue;
      value.resize(static_cast<std::size_t>(length));
      const ssize_t read = ::fgetxattr(from, name, value.data(), value.size());
      if (read < 0) continue;
      const int set = ::fsetxattr(to, name, value.data(), static_cast<std::size_t>(read), 0);
      if (set != 0 && errno != EPERM && errno != ENOTSUP) fail_to_copy(path, errno);
    }
  }

  const std::string source_;  // the root of the tree, and of its copy
  const int target_;
  const CopyOptions& options_;
  CopyMethod method_ = CopyMethod::kReflink;  // until a file cannot
  std::int64_t files_ = 0;
  std::vector<char> block_ = std::vector<char>(kCopyBlock);
  std::map<std::pair<dev_t, ino_t>, std::string> linked_;  // the first name of each copy
};

}  // namespace

std::string_view name(CopyMethod method) {
  constexpr std::array kNames = {"subvolume", "reflink", "copy"};
  return kNames[static_cast<std::size_t>(method)];
}

CopyMethod copy_tree(const fs::path& from, const fs::path& to, const CopyOptions& options) {
  if (snapshot_subvolume(from, to)) return CopyMethod::kSubvolume;
  make_data_folder(to);
  constexpr int kFolder = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const Descriptor source(::open(from.c_str(), kFolder));
  if (!source.valid()) fail_to_copy(from.string(), errno);
  const Descriptor target(::open(to.c_str(), kFolder));
  if (!target.valid()) fail_to_copy(to.string(), errno);
  TreeCopier copier(from.string(), target.get(), options);
  copier.copy_folder(source.get(), target.get(), from.string());
  return copier.method();
}

}  // namespace scrim
