#include "base/descriptor.h"

#include "base/check.h"
#include "base/hash.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace scrim {
namespace fs = std::filesystem;

std::string reason(int error) { return std::generic_category().message(error); }

Descriptor::~Descriptor() {
  if (valid()) ::close(number_);
}

void fail_to_write(const fs::path& path, int error) {
  std::error_code ignored;
  if (error == ENOENT && !fs::exists(folder_of(path), ignored)) {
    fail(ErrorCode::kNotFound, "cannot write ", path.string(), ": no folder ",
         folder_of(path).string());
  }
  fail(ErrorCode::kUnavailable, "cannot write ", path.string(), ": ", reason(error));
}

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::string temporary_prefix(const fs::path& path) {
  return "." + path.filename().string() + ".tmp-";
}

fs::path temporary_beside(const fs::path& path) {
  std::array<std::uint8_t, 8> random{};
  random_bytes(random);
  return folder_of(path) / (temporary_prefix(path) + hex(random));
}

bool is_same_file(int descriptor, const fs::path& path) {
  struct stat held {};
  struct stat named {};
  return ::fstat(descriptor, &held) == 0 && ::lstat(path.c_str(), &named) == 0 &&
         held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

void sync_path(const fs::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file.valid()) fail_to_write(path, errno);
  // Some file systems cannot sync a folder and say so; they have nothing to sync then.
  if (::fsync(file.get()) != 0 && errno != EINVAL && errno != ENOTSUP) fail_to_write(path, errno);
}

void sync_file_system(const fs::path& folder) {
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.valid() || ::syncfs(opened.get()) != 0) fail_to_write(folder, errno);
}

}  // namespace scrim
