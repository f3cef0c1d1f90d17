#include "base/files.h"

#include "base/check.h"
#include "base/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20;

void write_all(int file, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_to_write(path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Devices and pipes: there is nothing to rename over.
void write_straight(const fs::path& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid()) fail_to_write(path, errno);
  write_all(file.get(), bytes, path);
}

constexpr int kNewFile = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;

// Synced before it gets its name: after a power cut, a rename alone could lead to an empty file.
void write_synced(const fs::path& temporary, const fs::path& path, std::string_view bytes) {
  const Descriptor file(::open(temporary.c_str(), kNewFile, 0666));
  if (!file.valid()) fail_to_write(path, errno);
  write_all(file.get(), bytes, path);
  if (::fsync(file.get()) != 0) fail_to_write(path, errno);
}

}  // namespace

void read_blocks(const fs::path& path, const std::function<void(std::string_view)>& take) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid() && (errno == ENOENT || errno == ENOTDIR)) {
    fail(ErrorCode::kNotFound, "no such file: ", path.string());
  }
  if (!file.valid()) {
    fail(ErrorCode::kUnavailable, "cannot read ", path.string(), ": ", reason(errno));
  }
  std::vector<char> block(kBlock);
  while (true) {
    const ssize_t count = ::read(file.get(), block.data(), block.size());
    if (count == 0) return;
    if (count < 0 && errno == EINTR) continue;
    check(count > 0 || errno != EISDIR, path.string(), " is a folder, not a file");
    if (count < 0) {
      fail(ErrorCode::kUnavailable, "cannot read ", path.string(), ": ", reason(errno));
    }
    take(std::string_view(block.data(), static_cast<std::size_t>(count)));
  }
}

std::string read_file(const fs::path& path, std::size_t limit) {
  std::string bytes;
  std::error_code ignored;
  const std::uintmax_t size = fs::file_size(path, ignored);
  const auto refuse_over_limit = [&](std::uintmax_t count) {
    check(count <= limit, path.string(), " is longer than ", limit, " bytes");
  };
  if (!ignored) {
    refuse_over_limit(size);
    bytes.reserve(size);
  }
  read_blocks(path, [&](std::string_view block) {
    refuse_over_limit(bytes.size() + block.size());  // a device or /proc has no size to ask for
    bytes += block;
  });
  return bytes;
}

void write_new_file(const fs::path& path, std::string_view bytes) {
  const Descriptor file(::open(path.c_str(), kNewFile, 0666));
  if (!file.valid()) fail_to_write(path, errno);
  write_all(file.get(), bytes, path);
}

void write_file_atomically(const fs::path& path, std::string_view bytes) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  check(!fs::is_directory(status), "cannot write ", path.string(), ": it is a folder");
  check(path.has_filename(), "cannot write '", path.string(), "': it names no file");
  if (fs::exists(status) && !fs::is_regular_file(status)) return write_straight(path, bytes);

  const fs::path target = fs::is_regular_file(status) ? fs::canonical(path) : path;
  const fs::path temporary = temporary_beside(target);
  try {
    write_synced(temporary, path, bytes);
    if (::rename(temporary.c_str(), target.c_str()) != 0) fail_to_write(path, errno);
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  sync_path(folder_of(target));  // the rename itself is on the disk only now
}

}  // namespace scrim
