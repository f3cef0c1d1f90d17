#include "noise/account_file.h"

#include "base/files.h"
#include "base/hash.h"
#include "support/expect_error.h"
#include "support/file_size_limit.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHeader = 64;
constexpr std::size_t kRecord = 64;

Key account_key(std::uint8_t fill) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(fill);
  return Key::from_bytes(bytes);
}

AccountOwner owner(char release = 'a', std::uint8_t fill = 1) {
  return {std::string(64, release), account_key(fill)};
}

AccountRecord record(std::uint8_t input, std::uint8_t draw = 0, double alpha = 0.8) {
  AccountRecord made{{}, {}, alpha};
  made.input.fill(input);
  made.draw.fill(draw);
  return made;
}

const std::vector<AccountRecord> kThree = {record(1, 5), record(2), record(1, 6, 0.95)};

std::vector<AccountRecord> read_all(const fs::path& path) {
  AccountFile file(path, owner());
  const AccountFile::Lock lock(file);
  return file.read_new();
}

void write(const fs::path& path, std::span<const AccountRecord> records) {
  AccountFile file(path, owner());
  const AccountFile::Lock lock(file);
  file.read_new();
  file.append(records);
}

void put(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST(AccountFile, WhatWasAppendedIsReadAgain) {
  const TemporaryFolder folder;
  EXPECT_TRUE(read_all(folder / "account").empty());
  write(folder / "account", kThree);
  EXPECT_EQ(read_all(folder / "account"), kThree);
  write(folder / "account", std::vector{record(9)});
  EXPECT_EQ(read_all(folder / "account").back(), record(9));
  EXPECT_EQ(fs::file_size(folder / "account"), kHeader + 4 * kRecord);
}

TEST(AccountFile, IsPrivateUnderAnyUmask) {
  const TemporaryFolder folder;
  for (const mode_t mask : {0U, 022U, 0777U}) {
    const fs::path path = folder / std::to_string(mask);
    const mode_t former = ::umask(mask);
    AccountFile(path, owner());
    ::umask(former);
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 3) << "nothing beside them";
}

TEST(AccountFile, HasTheDocumentedBytes) {
  const TemporaryFolder folder;
  write(folder / "account", std::vector{record(1, 5)});
  const std::string bytes = read_file(folder / "account");
  const auto hmac = [](const auto& key, const std::string& text) {
    const Digest digest = Hmac(key).update(text).finish();
    return std::string(digest.begin(), digest.end());
  };
  const Digest release = sha256(std::string(64, 'a'));
  std::string header = "SCRIMA01" +
                       hmac(account_key(1).bytes(), "scrim accountant owner v1").substr(0, 8) +
                       std::string(release.begin(), release.end());
  const Digest chain = Hmac(account_key(1).bytes())
                           .update("scrim accountant chain v1" + std::string(64, 'a'))
                           .finish();
  header += hmac(chain, header).substr(0, 16);
  EXPECT_EQ(bytes.substr(0, kHeader), header);
  std::string body = std::string(16, '\1') + std::string(16, '\5');
  const double alpha = 0.8;
  body.append(reinterpret_cast<const char*>(&alpha), 8).append(8, '\0');
  EXPECT_EQ(bytes.substr(kHeader), body + hmac(chain, header.substr(48) + body).substr(0, 16));
}

TEST(AccountFile, AnotherOpenFileSeesWhatWasAppendedSince) {
  const TemporaryFolder folder;
  AccountFile one(folder / "account", owner());
  AccountFile two(folder / "account", owner());
  for (std::uint8_t i = 1; i < 5; ++i) {
    AccountFile& writer = i % 2 == 0 ? one : two;
    AccountFile& reader = i % 2 == 0 ? two : one;
    {
      const AccountFile::Lock lock(writer);
      writer.read_new();
      writer.append(std::vector{record(i)});
    }
    const AccountFile::Lock lock(reader);
    EXPECT_EQ(reader.read_new(), std::vector{record(i)});
  }
}

TEST(AccountFile, LockKeepsOthersOut) {
  const TemporaryFolder folder;
  AccountFile one(folder / "account", owner());
  AccountFile two(folder / "account", owner());
  std::atomic<bool> entered = false;
  std::jthread other;
  {
    const AccountFile::Lock lock(one);
    other = std::jthread([&] {
      const AccountFile::Lock second(two);
      entered = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_FALSE(entered);
  }
  other.join();
  EXPECT_TRUE(entered);
}

// A record of which not all bytes arrived: a power cut, a full disk.

TEST(AccountFile, ATornLastRecordCountsForEveryInputAndIsRepaired) {
  const TemporaryFolder folder;
  write(folder / "whole", kThree);
  const std::string whole = read_file(folder / "whole");
  for (std::size_t cut = 1; cut < kRecord; ++cut) {
    put(folder / "account", whole.substr(0, whole.size() - cut));
    const std::vector<AccountRecord> expected = {kThree[0], kThree[1], {kEveryInput, {}, 0.0}};
    EXPECT_EQ(read_all(folder / "account"), expected) << cut;
    EXPECT_EQ(fs::file_size(folder / "account"), whole.size()) << "it stays counted";
    EXPECT_EQ(read_all(folder / "account"), expected) << "once";
    write(folder / "account", std::vector{record(7)});
    EXPECT_EQ(read_all(folder / "account").size(), 4U);
  }
}

TEST(AccountFile, AnyFlippedBitIsNoticedAndNoRecordIsLost) {
  const TemporaryFolder folder;
  write(folder / "whole", kThree);
  const std::string whole = read_file(folder / "whole");
  for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 7) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    put(folder / "account", flipped);
    try {
      const std::vector<AccountRecord> read = read_all(folder / "account");
      ASSERT_EQ(read.size(), kThree.size()) << bit;
      EXPECT_GE(bit / 8, kHeader + 2 * kRecord) << "only the last record may be replaced";
      EXPECT_EQ(read.back().input, kEveryInput);
    } catch (const Error& error) {
      EXPECT_NE(error.code(), ErrorCode::kInternal) << error.what();
      EXPECT_LT(bit / 8, kHeader + 2 * kRecord);
    }
  }
}

TEST(AccountFile, RandomBytesAreNeverRead) {
  const TemporaryFolder folder;
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    std::string bytes(random() % 400, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (round % 2 == 0) bytes.replace(0, 8, "SCRIMA01");
    put(folder / "account", bytes);
    EXPECT_THROW(read_all(folder / "account"), Error) << round;
  }
}

TEST(AccountFile, RecordsCannotBeMovedAwayFromTheirPlace) {
  const TemporaryFolder folder;
  write(folder / "account", kThree);
  const std::string whole = read_file(folder / "account");
  put(folder / "account", whole.substr(0, kHeader) + whole.substr(kHeader + kRecord));
  expect_error(ErrorCode::kCorrupt, "damaged at byte 64", [&] { read_all(folder / "account"); });
}

// Misuse.

TEST(AccountFile, OtherKeysAndOtherReleasesAreRefused) {
  const TemporaryFolder folder;
  AccountFile(folder / "account", owner());
  expect_error(ErrorCode::kRefused, "counts for other keys; rotate",
               [&] { AccountFile(folder / "account", owner('a', 2)); });
  expect_error(ErrorCode::kRefused, "counts for another release",
               [&] { AccountFile(folder / "account", owner('b')); });
}

TEST(AccountFile, WhatIsNoAccountIsNamed) {
  const TemporaryFolder folder;
  put(folder / "empty", "");
  put(folder / "letter", "dear reader, this is a letter of more than sixty-four bytes, is it not?");
  put(folder / "newer", "SCRIMA02" + std::string(56, '\0'));
  expect_error(ErrorCode::kCorrupt, "is not the file of an accountant",
               [&] { AccountFile(folder / "empty", owner()); });
  expect_error(ErrorCode::kCorrupt, "is not the file of an accountant",
               [&] { AccountFile(folder / "letter", owner()); });
  expect_error(ErrorCode::kUnsupported, "another version than 01",
               [&] { AccountFile(folder / "newer", owner()); });
  expect_error(ErrorCode::kNotFound, "no folder",
               [&] { AccountFile(folder / "missing" / "account", owner()); });
  expect_error(ErrorCode::kUnavailable, "cannot open",
               [&] { AccountFile(folder.path(), owner()); });
}

TEST(AccountFile, AFileThatWasReplacedOrShortenedIsNotCountedOn) {
  const TemporaryFolder folder;
  write(folder / "account", kThree);
  AccountFile file(folder / "account", owner());
  {
    const AccountFile::Lock lock(file);
    file.read_new();
  }
  fs::resize_file(folder / "account", kHeader + kRecord);
  const AccountFile::Lock lock(file);
  expect_error(ErrorCode::kCorrupt, "became shorter", [&] { file.read_new(); });
  fs::remove(folder / "account");
  expect_error(ErrorCode::kRefused, "moved or replaced", [&] { file.read_new(); });
}

TEST(AccountFile, AFullDiskLeavesTheFileAsItWas) {
  const TemporaryFolder folder;
  write(folder / "account", kThree);
  {
    AccountFile file(folder / "account", owner());
    const AccountFile::Lock lock(file);
    file.read_new();
    const FileSizeLimit full(kHeader + 3 * kRecord + 10);
    expect_error(ErrorCode::kUnavailable, "cannot write", [&] { file.append(kThree); });
  }
  EXPECT_EQ(fs::file_size(folder / "account"), kHeader + 3 * kRecord);
  write(folder / "account", std::vector{record(4)});
  EXPECT_EQ(read_all(folder / "account").size(), 4U);
}

}  // namespace
}  // namespace scrim
