// A root on a file system of its own, in one file, for disks whose file system cannot share blocks.
#include <scrim/dataops.h>

#include "base/check.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/program.h"
#include "dataops/program_run.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kLeastImage = std::uint64_t{128} << 20;  // mkfs.btrfs wants 109 MiB
constexpr const char* kHalfMade = ".new";

fs::path image_of(const fs::path& root) { return root.string() + ".btrfs"; }

struct stat status_of(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) fail_to_write(path, errno);
  return status;
}

// Without "." and a slash at the end, which would name another file beside it.
fs::path whole(const fs::path& given) {
  fs::path path = fs::absolute(given).lexically_normal();
  return path.has_filename() ? path : path.parent_path();
}

// Another file system than its parent's.
bool is_mounted(const fs::path& root) {
  std::error_code ignored;
  return fs::exists(root, ignored) && status_of(root).st_dev != status_of(root / "..").st_dev;
}

// A program of the system's, which ordinary PATHs leave out.
std::string system_program(const char* name) {
  for (const char* folder : {"/usr/sbin/", "/sbin/", "/usr/bin/", "/bin/"}) {
    std::string path = std::string(folder) + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  fail(ErrorCode::kNotFound, "there is no program '", name, "'; Debian has it in btrfs-progs");
}

void run_or_fail(const std::string& what, const std::vector<std::string>& command) {
  std::string last;
  const int code = run_program(command, {"/dev/null", "/dev/null"},
                               [&](const std::string& line) { last = line; }, {});
  if (code != 0) fail(ErrorCode::kUnavailable, "cannot ", what, ": ", last);
}

void check_rights() {
  if (::geteuid() == 0) return;
  fail(ErrorCode::kRefused, "an image can only be mounted with the rights of root, as by sudo");
}

// Whole, or not at all.
void make_image(const fs::path& image, std::uint64_t size) {
  const fs::path half = image.string() + kHalfMade;
  const Descriptor file(::open(half.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file.valid() || ::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    fail_to_write(half, errno);
  }
  run_or_fail("make a file system in " + half.string(),
              {system_program("mkfs.btrfs"), "--quiet", half.string()});
  if (::fsync(file.get()) != 0) fail_to_write(half, errno);
  std::error_code error;
  fs::rename(half, image, error);
  if (error) fail_to_write(image, error.value());
}

}  // namespace

bool create_image_root(const fs::path& given, std::uint64_t size) {
  check_rights();
  check(size >= kLeastImage, "an image of ", size_text(size), " is too small, at least ",
        size_text(kLeastImage), " are needed");
  const fs::path root = whole(given);
  const fs::path image = image_of(root);
  std::error_code error;
  const bool has_image = fs::exists(image, error);
  if (has_image) {
    const auto there = static_cast<std::uint64_t>(status_of(image).st_size);
    check(there == size, "there is an image '", image.string(), "' already, of ", size_text(there));
  }
  if (is_mounted(root)) {
    check(has_image, "the root '", root.string(), "' is a file system of its own already");
    return false;
  }
  fs::create_directories(root, error);
  if (error) fail_to_write(root, error.value());
  check(fs::is_empty(root, error), "the root '", root.string(),
        "' holds files, which an image would hide; an image is for a new root");
  if (!has_image) make_image(image, size);
  run_or_fail("mount " + image.string(),
              {system_program("mount"), "-t", "btrfs", "-o", "loop,user_subvol_rm_allowed",
               image.string(), root.string()});
  // Whoever has the folder around it works there without the rights of root.
  const struct stat parent = status_of(root / "..");
  if (::chown(root.c_str(), parent.st_uid, parent.st_gid) != 0) fail_to_write(root, errno);
  return true;
}

void delete_image_root(const fs::path& given) {
  check_rights();
  const fs::path root = whole(given);
  const fs::path image = image_of(root);
  std::error_code error;
  if (!fs::exists(image, error)) {
    fail(ErrorCode::kNotFound, "there is no image '", image.string(), "'");
  }
  if (is_mounted(root)) {
    run_or_fail("unmount " + root.string(), {system_program("umount"), root.string()});
  }
  fs::remove(image, error);
  if (error) fail_to_write(image, error.value());
}

}  // namespace scrim
