// Reading files whole, and writing them so that a reader never sees half of one.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

// The bytes of a file. Throws kNotFound if there is none, kInvalidArgument over `limit` bytes,
// kUnavailable if the system cannot read it.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 31);

// Writes the bytes beside `path`, syncs, and renames over it. On failure the old file stays and
// nothing is left behind. Throws kUnavailable (full disk, read-only folder) with the reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// A new folder beside `target` that is renamed onto it by commit(), else removed when destroyed.
class AtomicFolder {
 public:
  explicit AtomicFolder(std::filesystem::path target);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;

  const std::filesystem::path& path() const { return temporary_; }
  // Syncs every file, then puts the folder in place; an old folder at `target` is replaced.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
};

}  // namespace scrim
