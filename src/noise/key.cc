#include <scrim/key.h>

#include "base/check.h"
#include "base/descriptor.h"
#include "base/hash.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <string_view>
#include <system_error>

namespace scrim {
namespace fs = std::filesystem;
namespace {

// docs/formats/key.md: magic with version, key, in version 02 the counting key, checksum.
constexpr std::string_view kKeyMagic = "SCRIMK01";
constexpr std::string_view kRotatedMagic = "SCRIMK02";
constexpr std::size_t kKeyVersionDigits = 2;
constexpr std::size_t kChecksumBytes = 8;
constexpr std::size_t kFileBytes = kKeyMagic.size() + Key::kBytes + kChecksumBytes;
constexpr std::size_t kRotatedBytes = kFileBytes + Key::kBytes;

// The bytes of a key file, erased from memory at the end of the scope.
struct KeyFile {
  std::array<std::uint8_t, kRotatedBytes> bytes{};
  std::size_t size = kFileBytes;

  KeyFile() = default;
  ~KeyFile() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  KeyFile(const KeyFile&) = delete;
  KeyFile& operator=(const KeyFile&) = delete;

  bool is_rotated() const { return size == kRotatedBytes; }
  std::string_view text(std::size_t first, std::size_t count) const {
    return {reinterpret_cast<const char*>(bytes.data()) + first, count};
  }
  std::span<std::uint8_t> whole() { return std::span(bytes).first(size); }
  std::span<std::uint8_t> key() { return std::span(bytes).subspan(kKeyMagic.size(), Key::kBytes); }
  std::span<std::uint8_t> counting_key() {
    return std::span(bytes).subspan(kKeyMagic.size() + Key::kBytes, Key::kBytes);
  }
  std::span<std::uint8_t> checksum() { return whole().last(kChecksumBytes); }
  std::array<std::uint8_t, kChecksumBytes> right_checksum() const {
    const Digest digest = sha256(text(0, size - kChecksumBytes));
    std::array<std::uint8_t, kChecksumBytes> first{};
    std::copy_n(digest.begin(), first.size(), first.begin());
    return first;
  }
};

bool write_all(int file, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int file, std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = ::read(file, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

// Checks the file that is open, not the path: the path may name another file by now. Returns its
// size.
std::size_t check_file(int file, const fs::path& path) {
  struct stat status {};
  if (::fstat(file, &status) != 0) {
    fail(ErrorCode::kUnavailable, "cannot read key ", path.string(), ": ", reason(errno));
  }
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorCode::kCorrupt, "key ", path.string(), " is not a regular file");
  }
  if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    fail(ErrorCode::kRefused, "key ", path.string(),
         " is open to others than its owner; give it mode 0600, or make a new one if others may "
         "have read it");
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size != kFileBytes && size != kRotatedBytes) {
    fail(ErrorCode::kCorrupt, "key ", path.string(), " has ", size, " bytes, must have ",
         kFileBytes, " or ", kRotatedBytes);
  }
  return size;
}

void check_content(KeyFile& content, const fs::path& path) {
  constexpr std::size_t kName = kKeyMagic.size() - kKeyVersionDigits;
  if (content.text(0, kName) != kKeyMagic.substr(0, kName)) {
    fail(ErrorCode::kCorrupt, path.string(), " is not a key");
  }
  const std::string_view magic = content.is_rotated() ? kRotatedMagic : kKeyMagic;
  if (content.text(0, kKeyMagic.size()) != magic) {
    fail(ErrorCode::kUnsupported, "key ", path.string(), " is of another version than ",
         magic.substr(kName), ", which its size asks for");
  }
  if (!std::ranges::equal(content.checksum(), content.right_checksum())) {
    fail(ErrorCode::kCorrupt, "key ", path.string(), " does not match its checksum");
  }
}

// Writes a new file of mode 0600; removes it again where that fails.
void write_new_key(const fs::path& file_path, KeyFile& content, const fs::path& path) {
  const Descriptor file(::open(file_path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) {
    check(errno != EEXIST, "key ", path.string(), " exists, and a key is never overwritten");
    fail_to_write(path, errno);
  }
  // The mode again: the process's umask can only take permissions away, the owner's too.
  if (::fchmod(file.get(), 0600) != 0 || !write_all(file.get(), content.whole()) ||
      ::fsync(file.get()) != 0) {
    const int error = errno;
    ::unlink(file_path.c_str());
    fail_to_write(path, error);
  }
}

// Zeroes the bytes behind the name, then removes the name. A file system that copies on write or a
// backup can hold the old bytes still.
void destroy(const fs::path& file_path) {
  const Descriptor file(::open(file_path.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  const std::array<std::uint8_t, kRotatedBytes> zeroes{};
  const bool overwritten =
      file.valid() && write_all(file.get(), zeroes) && ::fsync(file.get()) == 0;
  const int error = errno;
  if (::unlink(file_path.c_str()) != 0 || !overwritten) fail_to_write(file_path, error);
}

}  // namespace

Key Key::create(const fs::path& path) {
  KeyFile content;
  std::ranges::copy(kKeyMagic, content.bytes.begin());
  random_bytes(content.key());
  std::ranges::copy(content.right_checksum(), content.checksum().begin());
  write_new_key(path, content, path);
  sync_path(folder_of(path));
  return load(path);
}

Key Key::rotate(const fs::path& path, OldKey old) {
  const Key former = load(path);
  std::error_code ignored;
  check(!fs::is_symlink(path, ignored), "key ", path.string(),
        " is a link; rotate the file that it leads to");
  const fs::path kept = path.string() + "." + former.fingerprint();
  KeyFile content;
  content.size = kRotatedBytes;
  std::ranges::copy(kRotatedMagic, content.bytes.begin());
  random_bytes(content.key());
  std::ranges::copy(former.counting_bytes(), content.counting_key().begin());
  std::ranges::copy(content.right_checksum(), content.checksum().begin());
  const fs::path temporary = temporary_beside(path);
  write_new_key(temporary, content, path);
  // The old key has a second name before the new one takes the first.
  int error = ::link(path.c_str(), kept.c_str()) == 0 ? 0 : errno;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) {
    error = errno;
    ::unlink(kept.c_str());
  }
  if (error != 0) {
    ::unlink(temporary.c_str());
    check(error != EEXIST, "key ", kept.string(), " exists, and a key is never overwritten");
    fail_to_write(path, error);
  }
  sync_path(folder_of(path));
  if (old == OldKey::kDestroy) {
    destroy(kept);
    sync_path(folder_of(path));
  }
  return load(path);
}

Key Key::load(const fs::path& path) {
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.valid()) {
    if (errno == ENOENT || errno == ENOTDIR) {
      fail(ErrorCode::kNotFound, "there is no key ", path.string());
    }
    fail(ErrorCode::kUnavailable, "cannot read key ", path.string(), ": ", reason(errno));
  }
  KeyFile content;
  content.size = check_file(file.get(), path);
  if (!read_all(file.get(), content.whole())) {
    fail(ErrorCode::kCorrupt, "key ", path.string(), " ended before its ", content.size, " bytes");
  }
  check_content(content, path);
  if (!content.is_rotated()) return Key(content.key().first<kBytes>());
  return {content.key().first<kBytes>(), content.counting_key().first<kBytes>()};
}

Key Key::from_bytes(const std::array<std::uint8_t, kBytes>& bytes) { return Key(bytes); }

Key::Key(std::span<const std::uint8_t, kBytes> bytes)
    : counting_bytes_(Hmac(bytes).update("scrim counting key v1").finish()) {
  std::ranges::copy(bytes, bytes_.begin());
}

Key::Key(std::span<const std::uint8_t, kBytes> bytes,
         std::span<const std::uint8_t, kBytes> counting) {
  std::ranges::copy(bytes, bytes_.begin());
  std::ranges::copy(counting, counting_bytes_.begin());
}

Key::~Key() {
  OPENSSL_cleanse(bytes_.data(), bytes_.size());
  OPENSSL_cleanse(counting_bytes_.data(), counting_bytes_.size());
}

std::string Key::fingerprint() const {
  constexpr std::size_t kFingerprintBytes = 4;
  const Digest digest = Hmac(bytes_).update("scrim key fingerprint v1").finish();
  return hex(std::span(digest).first(kFingerprintBytes));
}

}  // namespace scrim
