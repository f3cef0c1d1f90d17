// A file descriptor that closes itself, and errno as an Error: the ground under files.h.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace scrim {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

// What the system says of an errno value, as in "No space left on device".
std::string reason(int error);

// Throws "cannot write <path>: <reason>" for an errno value: kNotFound if the folder of `path` is
// missing, else kUnavailable.
[[noreturn]] void fail_to_write(const std::filesystem::path& path, int error);

// The folder that holds `path`; "." for a bare name.
std::filesystem::path folder_of(const std::filesystem::path& path);

// "<folder>/.<name>.tmp-": what the names of temporary files and folders for `path` start with.
std::string temporary_prefix(const std::filesystem::path& path);
// That and 16 random hexadecimal digits.
std::filesystem::path temporary_beside(const std::filesystem::path& path);

// Whether the name still leads to what was opened: another process may have replaced it meanwhile.
bool is_same_file(int descriptor, const std::filesystem::path& path);

// Writes the bytes of a folder's entries, or of a file, to the disk itself.
void sync_path(const std::filesystem::path& path);
// The same of all that is in the file system of a folder.
void sync_file_system(const std::filesystem::path& folder);

}  // namespace scrim
