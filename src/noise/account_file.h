// The file of an Accountant: an append-only list of releases, one lock for all processes.
//
// docs/formats/accountant.md draws the bytes. A record is on the disk before append() returns, so
// that what left is counted whatever happens next. It holds keyed hashes and no picture.
#pragma once

#include <scrim/key.h>

#include "base/descriptor.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// A keyed hash that names an input or a draw.
using Mark = std::array<std::uint8_t, 16>;

// The input of a record that was lost: it may have been any.
inline constexpr Mark kEveryInput = {};

struct AccountRecord {
  Mark input;
  Mark draw;
  double alpha;  // as the release lists it; 0 of a lost record: the lowest of them

  bool operator==(const AccountRecord&) const = default;
};

// Whose releases a file counts.
struct AccountOwner {
  std::string release_id;  // 64 hexadecimal digits
  Key counting_key;        // of all keys that descend from one by rotation
};

// Not for several threads at once; any number of processes may open the same file.
class AccountFile {
 public:
  // Opens the file, or makes a new one of mode 0600. Throws kNotFound without its folder, kCorrupt
  // if it is no such file, kUnsupported for another version, kRefused if it counts another
  // release or other keys, kUnavailable where it cannot be written.
  AccountFile(std::filesystem::path path, const AccountOwner& owner);

  // Waits until no other process has the file, and keeps it until destroyed.
  class Lock {
   public:
    explicit Lock(const AccountFile& file);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    int file_;
  };

  // The records since the last call. A last record that is torn or damaged is replaced by one of
  // every input. Throws kCorrupt on damage before the last record or if the file became shorter,
  // kRefused if another file has its name now: counting on would be lost. Needs the lock.
  std::vector<AccountRecord> read_new();

  // Writes the records and syncs; they are not returned by read_new() again. When it throws
  // kUnavailable, none or some are counted. Needs the lock and all records read.
  void append(std::span<const AccountRecord> records);

 private:
  static constexpr std::size_t kRecordBytes = 64;
  using RecordBytes = std::array<std::uint8_t, kRecordBytes>;

  void create(const std::string& header) const;
  void check_header(const std::string& header);
  void check_same_file() const;
  RecordBytes format(const AccountRecord& record, const Mark& previous) const;
  bool parse(std::span<const std::uint8_t> bytes, AccountRecord& record) const;
  void replace_torn(std::vector<AccountRecord>& records);
  void write_at_end(std::span<const std::uint8_t> bytes);

  std::filesystem::path path_;
  Key chain_key_;
  Descriptor file_;
  std::uint64_t end_ = 0;  // of what was read
  Mark chain_{};           // the check of the last record read
};

}  // namespace scrim
