// Reading files whole, and writing them so that a reader never sees half of one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

// The bytes of a file. Throws kNotFound if there is none, kInvalidArgument over `limit` bytes or
// for a folder, kUnavailable if the system cannot read it.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 31);

// Hands the bytes of a file to `take` in blocks of at most 1 MiB. Throws as read_file.
void read_blocks(const std::filesystem::path& path,
                 const std::function<void(std::string_view)>& take);

// Writes the bytes beside `path`, syncs, and renames over it. On failure the old file stays and
// nothing is left behind. Throws kUnavailable (full disk, read-only folder) with the reason,
// kNotFound if the folder is missing. A symbolic link is followed; a device or a pipe, as in
// /dev/stdout, is written straight.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// Writes a file that is not there yet, without syncing: for the parts of an AtomicFolder, which
// syncs them at once. Throws as write_file_atomically.
void write_new_file(const std::filesystem::path& path, std::string_view bytes);

// A new folder beside `target` that is renamed onto it by commit(), else removed when destroyed.
// Throws as write_file_atomically.
//
// What a killed process left is removed by the next AtomicFolder for the same target: each holds a
// lock on its folder, so that one without a lock has no owner.
class AtomicFolder {
 public:
  explicit AtomicFolder(std::filesystem::path target);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  const std::filesystem::path& path() const { return temporary_; }
  // Syncs every file, then puts the folder in place; an old folder at `target` is replaced, in one
  // step where the file system can.
  void commit();

 private:
  void create();
  void remove_abandoned() const;

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int lock_ = -1;
};

}  // namespace scrim
