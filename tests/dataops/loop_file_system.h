// A file system of its own for one test, in a file that is mounted. Needs root.
#pragma once

#include "support/temporary_folder.h"

#include <cstdlib>
#include <string>

namespace scrim {

class LoopFileSystem {
 public:
  // `kind` is "btrfs", "xfs" or "ext4"; at least 300 MiB for xfs.
  explicit LoopFileSystem(const std::string& kind, int mebibytes = 320) {
    const std::string image = (folder_ / "image").string();
    std::filesystem::create_directory(path());
    mounted_ = run("truncate -s " + std::to_string(mebibytes) + "M " + image) &&
               run("mkfs." + kind + " -q " + image) &&
               run("mount -o loop " + image + " " + path().string());
  }
  ~LoopFileSystem() {
    if (mounted_) run("umount -l " + path().string());
  }
  LoopFileSystem(const LoopFileSystem&) = delete;
  LoopFileSystem& operator=(const LoopFileSystem&) = delete;

  // False where this process may not mount, or there is no such mkfs.
  bool mounted() const { return mounted_; }
  std::filesystem::path path() const { return folder_ / "mounted"; }
  bool make_read_only() const { return run("mount -o remount,ro " + path().string()); }

 private:
  static bool run(const std::string& command) {
    return std::system(("PATH=$PATH:/usr/sbin:/sbin " + command + " > /dev/null 2>&1").c_str()) ==
           0;
  }

  TemporaryFolder folder_;
  bool mounted_ = false;
};

}  // namespace scrim
