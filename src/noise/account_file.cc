#include "noise/account_file.h"

#include "base/check.h"
#include "base/hash.h"
#include "noise/nonce.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

namespace scrim {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little, "an alpha is written as it lies");

// docs/formats/accountant.md: offsets within the header and within a record.
constexpr std::string_view kMagic = "SCRIMA01";
constexpr std::size_t kVersionDigits = 2;
constexpr std::size_t kOwnerAt = 8;
constexpr std::size_t kReleaseAt = 16;
constexpr std::size_t kHeaderCheckAt = 48;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kDrawAt = 16;
constexpr std::size_t kAlphaAt = 32;
constexpr std::size_t kCheckAt = 48;

constexpr std::size_t kMostRecords = std::size_t{1} << 24;  // 1 GiB, read into memory

Mark first_bytes(const Digest& digest) {
  Mark mark{};
  std::copy_n(digest.begin(), mark.size(), mark.begin());
  return mark;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// Who owns the keys, without the release: to tell "another key" from "another release".
std::string owner_text(const AccountOwner& owner) {
  const Digest digest =
      Hmac(owner.counting_key.bytes()).update("scrim accountant owner v1").finish();
  return {digest.begin(), digest.begin() + (kReleaseAt - kOwnerAt)};
}

std::string header_of(const AccountOwner& owner, const Key& chain_key) {
  std::string header(kMagic);
  header += owner_text(owner);
  const Digest release = sha256(owner.release_id);
  header.append(release.begin(), release.end());
  const Mark check = first_bytes(Hmac(chain_key.bytes()).update(header).finish());
  return header.append(check.begin(), check.end());
}

// Reads up to out.size() bytes at an offset; returns how many there were.
std::size_t read_at(int file, std::uint64_t offset, std::span<std::uint8_t> out,
                    const fs::path& path) {
  std::size_t done = 0;
  while (done < out.size()) {
    const ssize_t got =
        ::pread(file, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      fail(ErrorCode::kUnavailable, "cannot read ", path.string(), ": ", reason(errno));
    }
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

// Returns 0 or the errno of what failed.
int write_at(int file, std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t put =
        ::pwrite(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return errno;
    done += static_cast<std::size_t>(put);
  }
  return 0;
}

int open_file(const fs::path& path) {
  return ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
}

}  // namespace

AccountFile::AccountFile(fs::path path, const AccountOwner& owner)
    : path_(std::move(path)),
      chain_key_(derived_key(owner.counting_key, "scrim accountant chain v1", owner.release_id)),
      file_([&] {
        const int file = open_file(path_);
        if (file >= 0 || errno != ENOENT) return file;
        create(header_of(owner, chain_key_));
        return open_file(path_);
      }()) {
  if (!file_.valid()) {
    fail(ErrorCode::kUnavailable, "cannot open accountant ", path_.string(), ": ", reason(errno));
  }
  check_header(header_of(owner, chain_key_));
}

// Under another name first: a file of this name always has its whole header. Linking fails where
// another process was quicker, whose file is then used.
void AccountFile::create(const std::string& header) const {
  const fs::path temporary = temporary_beside(path_);
  const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.valid()) fail_to_write(path_, errno);
  int error = write_at(file.get(), 0, bytes_of(header));
  if (error == 0 && (::fchmod(file.get(), 0600) != 0 || ::fsync(file.get()) != 0)) error = errno;
  if (error == 0 && ::link(temporary.c_str(), path_.c_str()) != 0) error = errno;
  ::unlink(temporary.c_str());
  if (error != 0 && error != EEXIST) fail_to_write(path_, error);
  sync_path(folder_of(path_));
}

void AccountFile::check_header(const std::string& expected) {
  std::array<std::uint8_t, kHeaderBytes> bytes{};
  struct stat status {};
  const bool is_file = ::fstat(file_.get(), &status) == 0 && S_ISREG(status.st_mode);
  const bool is_whole = is_file && read_at(file_.get(), 0, bytes, path_) == bytes.size();
  const std::string_view found(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  constexpr std::size_t kName = kMagic.size() - kVersionDigits;
  if (!is_whole || found.substr(0, kName) != kMagic.substr(0, kName)) {
    fail(ErrorCode::kCorrupt, path_.string(), " is not the file of an accountant");
  }
  if (found.substr(0, kMagic.size()) != kMagic) {
    fail(ErrorCode::kUnsupported, "accountant ", path_.string(), " is of another version than ",
         kMagic.substr(kName));
  }
  const auto differs = [&](std::size_t at, std::size_t end) {
    return found.substr(at, end - at) != std::string_view(expected).substr(at, end - at);
  };
  if (differs(kOwnerAt, kReleaseAt)) {
    fail(ErrorCode::kRefused, "accountant ", path_.string(),
         " counts for other keys; rotate a key instead of making a new one, so that releases are "
         "counted across both");
  }
  if (differs(kReleaseAt, kHeaderCheckAt)) {
    fail(ErrorCode::kRefused, "accountant ", path_.string(), " counts for another release");
  }
  if (differs(kHeaderCheckAt, kHeaderBytes)) {
    fail(ErrorCode::kCorrupt, "accountant ", path_.string(), " has a damaged header");
  }
  end_ = kHeaderBytes;
  std::copy_n(bytes.begin() + kHeaderCheckAt, chain_.size(), chain_.begin());
}

AccountFile::Lock::Lock(const AccountFile& file) : file_(file.file_.get()) {
  while (::flock(file_, LOCK_EX) != 0) {
    // Without a lock two processes could both take what only one may.
    if (errno != EINTR) {
      fail(ErrorCode::kUnavailable, "cannot lock accountant ", file.path_.string(), ": ",
           reason(errno));
    }
  }
}

AccountFile::Lock::~Lock() { ::flock(file_, LOCK_UN); }

// What is counted in a file without a name is lost with this process.
void AccountFile::check_same_file() const {
  struct stat held {};
  struct stat named {};
  const bool same = ::fstat(file_.get(), &held) == 0 && ::lstat(path_.c_str(), &named) == 0 &&
                    held.st_ino == named.st_ino && held.st_dev == named.st_dev;
  if (!same) {
    fail(ErrorCode::kRefused, "accountant ", path_.string(),
         " was moved or replaced while it was in use");
  }
  if (static_cast<std::uint64_t>(held.st_size) < end_) {
    fail(ErrorCode::kCorrupt, "accountant ", path_.string(), " became shorter: from ", end_, " to ",
         held.st_size, " bytes");
  }
}

AccountFile::RecordBytes AccountFile::format(const AccountRecord& record,
                                             const Mark& previous) const {
  RecordBytes bytes{};
  std::ranges::copy(record.input, bytes.begin());
  std::ranges::copy(record.draw, bytes.begin() + kDrawAt);
  std::memcpy(bytes.data() + kAlphaAt, &record.alpha, sizeof(record.alpha));
  const Mark check = first_bytes(
      Hmac(chain_key_.bytes()).update(previous).update(std::span(bytes).first(kCheckAt)).finish());
  std::ranges::copy(check, bytes.begin() + kCheckAt);
  return bytes;
}

bool AccountFile::parse(std::span<const std::uint8_t> bytes, AccountRecord& record) const {
  if (bytes.size() != kRecordBytes) return false;
  std::copy_n(bytes.begin(), record.input.size(), record.input.begin());
  std::copy_n(bytes.begin() + kDrawAt, record.draw.size(), record.draw.begin());
  std::memcpy(&record.alpha, bytes.data() + kAlphaAt, sizeof(record.alpha));
  return std::ranges::equal(format(record, chain_), bytes);
}

std::vector<AccountRecord> AccountFile::read_new() {
  check_same_file();
  struct stat status {};
  ::fstat(file_.get(), &status);
  const auto size = static_cast<std::uint64_t>(status.st_size) - end_;
  if (size > kMostRecords * kRecordBytes) {
    fail(ErrorCode::kUnsupported, "accountant ", path_.string(), " has more than ", kMostRecords,
         " records; begin a new file");
  }
  std::vector<std::uint8_t> bytes(size);
  bytes.resize(read_at(file_.get(), end_, bytes, path_));
  std::vector<AccountRecord> records;
  for (std::size_t at = 0; at < bytes.size(); at += kRecordBytes) {
    const auto rest = std::span<const std::uint8_t>(bytes).subspan(at);
    AccountRecord record{};
    if (!parse(rest.first(std::min(kRecordBytes, rest.size())), record)) {
      if (rest.size() > kRecordBytes) {
        fail(ErrorCode::kCorrupt, "accountant ", path_.string(), " is damaged at byte ", end_);
      }
      replace_torn(records);
      break;
    }
    std::copy_n(rest.begin() + kCheckAt, chain_.size(), chain_.begin());
    end_ += kRecordBytes;
    records.push_back(record);
  }
  return records;
}

// In place: at no moment is the release that was cut off not in the file.
void AccountFile::replace_torn(std::vector<AccountRecord>& records) {
  records.push_back({kEveryInput, {}, 0.0});
  const RecordBytes bytes = format(records.back(), chain_);
  write_at_end(bytes);
  std::copy_n(bytes.begin() + kCheckAt, chain_.size(), chain_.begin());
}

void AccountFile::append(std::span<const AccountRecord> records) {
  std::vector<std::uint8_t> bytes;
  Mark chain = chain_;
  for (const AccountRecord& record : records) {
    const RecordBytes formatted = format(record, chain);
    bytes.insert(bytes.end(), formatted.begin(), formatted.end());
    std::copy_n(formatted.begin() + kCheckAt, chain.size(), chain.begin());
  }
  const std::uint64_t start = end_;
  try {
    write_at_end(bytes);
  } catch (...) {
    // Nothing leaves: what was begun is taken back where that is possible, else it stays counted.
    if (::ftruncate(file_.get(), static_cast<off_t>(start)) == 0) end_ = start;
    throw;
  }
  chain_ = chain;
}

void AccountFile::write_at_end(std::span<const std::uint8_t> bytes) {
  const int error = write_at(file_.get(), end_, bytes);
  if (error != 0) fail_to_write(path_, error);
  if (::fsync(file_.get()) != 0) fail_to_write(path_, errno);
  end_ += bytes.size();
}

}  // namespace scrim
