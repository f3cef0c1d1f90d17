#include <scrim/key.h>

#include "base/files.h"
#include "base/hash.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace scrim {
namespace {

namespace fs = std::filesystem;
using Bytes = std::array<std::uint8_t, Key::kBytes>;

Bytes counting() {
  Bytes bytes{};
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
  return bytes;
}

std::string as_text(const Bytes& bytes) { return {bytes.begin(), bytes.end()}; }

// A key file put together as docs/formats/key.md says, not as the code does.
std::string key_file(const std::string& magic, const Bytes& key) {
  const std::string body = magic + as_text(key);
  const Digest digest = sha256(body);
  return body + std::string(digest.begin(), digest.begin() + 8);
}

fs::path write_key(const fs::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  return path;
}

TEST(KeyCreate, WhatWasCreatedIsWhatIsLoaded) {
  const TemporaryFolder folder;
  const Key created = Key::create(folder / "key");
  EXPECT_EQ(Key::load(folder / "key").bytes(), created.bytes());
}

TEST(KeyCreate, WritesTheDocumentedBytes) {
  const TemporaryFolder folder;
  const Key created = Key::create(folder / "key");
  EXPECT_EQ(read_file(folder / "key"), key_file("SCRIMK01", created.bytes()));
}

TEST(KeyCreate, OnlyTheOwnerCanReadItUnderAnyUmask) {
  const TemporaryFolder folder;
  for (const mode_t mask : {0U, 022U, 0777U}) {
    const fs::path path = folder / std::to_string(mask);
    const mode_t former = ::umask(mask);
    Key::create(path);
    ::umask(former);
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  }
}

TEST(KeyCreate, NeverOverwrites) {
  const TemporaryFolder folder;
  Key::create(folder / "key");
  const std::string before = read_file(folder / "key");
  expect_error(ErrorCode::kInvalidArgument, "never overwritten",
               [&] { Key::create(folder / "key"); });
  EXPECT_EQ(read_file(folder / "key"), before);
}

TEST(KeyCreate, DoesNotFollowALink) {
  const TemporaryFolder folder;
  fs::create_symlink(folder / "elsewhere", folder / "key");
  expect_error(ErrorCode::kInvalidArgument, "exists", [&] { Key::create(folder / "key"); });
  EXPECT_FALSE(fs::exists(folder / "elsewhere"));
}

TEST(KeyCreate, OfManyThreadsOneWins) {
  const TemporaryFolder folder;
  std::atomic<int> created = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        try {
          Key::create(folder / "key");
          ++created;
        } catch (const Error& error) {
          EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
        }
      });
    }
  }
  EXPECT_EQ(created, 1);
}

TEST(KeyCreate, NamesAMissingFolder) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kNotFound, "missing", [&] { Key::create(folder / "missing" / "key"); });
}

TEST(KeyCreate, LeavesNothingWhenTheBytesCannotBeWritten) {
  const TemporaryFolder folder;
  rlimit former{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &former), 0);
  const auto former_action = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit ten_bytes{10, former.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &ten_bytes), 0);
  expect_error(ErrorCode::kUnavailable, "key", [&] { Key::create(folder / "key"); });
  ::setrlimit(RLIMIT_FSIZE, &former);
  std::signal(SIGXFSZ, former_action);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(KeyCreate, DrawsAreDifferentAndBalanced) {
  const TemporaryFolder folder;
  constexpr int kKeys = 64;
  std::vector<Bytes> keys;
  int ones = 0;
  for (int i = 0; i < kKeys; ++i) {
    keys.push_back(Key::create(folder / std::to_string(i)).bytes());
    for (const std::uint8_t byte : keys.back()) ones += std::popcount(byte);
  }
  std::ranges::sort(keys);
  EXPECT_EQ(std::ranges::adjacent_find(keys), keys.end());
  // 16,384 fair bits: standard deviation 64; six of them fail once in 5e8 runs.
  EXPECT_NEAR(ones, kKeys * 128, 6 * 64);
}

TEST(KeyLoad, NamesAMissingFile) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kNotFound, "absent", [&] { Key::load(folder / "absent"); });
  Key::create(folder / "key");
  expect_error(ErrorCode::kNotFound, "below", [&] { Key::load(folder / "key" / "below"); });
}

TEST(KeyLoad, RefusesAFileThatIsOpenToOthers) {
  const TemporaryFolder folder;
  Key::create(folder / "key");
  for (const auto extra : {fs::perms::group_read, fs::perms::others_read, fs::perms::group_write,
                           fs::perms::others_exec}) {
    fs::permissions(folder / "key", fs::perms::owner_read | extra);
    expect_error(ErrorCode::kRefused, "0600", [&] { Key::load(folder / "key"); });
  }
  fs::permissions(folder / "key", fs::perms::owner_read);
  EXPECT_NO_THROW(Key::load(folder / "key"));
}

TEST(KeyLoad, RefusesTheOpenFileBehindAPrivateLink) {
  const TemporaryFolder folder;
  Key::create(folder / "key");
  fs::permissions(folder / "key", fs::perms::others_read, fs::perm_options::add);
  fs::create_symlink(folder / "key", folder / "link");
  expect_error(ErrorCode::kRefused, "0600", [&] { Key::load(folder / "link"); });
}

TEST(KeyLoad, AnyLengthButTheRightOneIsCorrupt) {
  const TemporaryFolder folder;
  const std::string whole = key_file("SCRIMK01", counting());
  for (const std::size_t size : {0U, 1U, 8U, 40U, 47U}) {
    const auto path = write_key(folder / "short", whole.substr(0, size));
    expect_error(ErrorCode::kCorrupt, "must have 48 or 80", [&] { Key::load(path); });
  }
  const auto path = write_key(folder / "long", whole + "x");
  expect_error(ErrorCode::kCorrupt, "has 49 bytes", [&] { Key::load(path); });
}

TEST(KeyLoad, AnyFlippedBitIsNoticed) {
  const TemporaryFolder folder;
  const std::string whole = key_file("SCRIMK01", counting());
  ASSERT_NO_THROW(Key::load(write_key(folder / "key", whole)));
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THROW(Key::load(write_key(folder / "key", flipped)), Error) << bit;
  }
}

TEST(KeyLoad, ANewerVersionIsUnsupportedNotCorrupt) {
  const TemporaryFolder folder;
  const auto path = write_key(folder / "key", key_file("SCRIMK02", counting()));
  expect_error(ErrorCode::kUnsupported, "another version than 01", [&] { Key::load(path); });
}

TEST(KeyLoad, AFolderOrAPipeIsNoKey) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kCorrupt, "not a regular file", [&] { Key::load(folder.path()); });
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error(ErrorCode::kCorrupt, "not a regular file", [&] { Key::load(folder / "pipe"); });
}

TEST(KeyLoad, NoErrorShowsKeyBytes) {
  const TemporaryFolder folder;
  Bytes letters{};
  letters.fill('K');
  std::string damaged = key_file("SCRIMK01", letters);
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  try {
    Key::load(write_key(folder / "key", damaged));
    FAIL() << "a damaged key was loaded";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::Not(::testing::HasSubstr("KKKK")));
  }
}

// Rotation.

TEST(KeyRotate, MakesANewKeyThatCountsAsTheOldOne) {
  const TemporaryFolder folder;
  const Key first = Key::create(folder / "key");
  const Key second = Key::rotate(folder / "key", OldKey::kKeep);
  const Key third = Key::rotate(folder / "key", OldKey::kKeep);
  EXPECT_NE(first.bytes(), second.bytes());
  EXPECT_NE(second.bytes(), third.bytes());
  EXPECT_EQ(first.counting_bytes(), second.counting_bytes());
  EXPECT_EQ(first.counting_bytes(), third.counting_bytes());
  EXPECT_EQ(Key::load(folder / "key").bytes(), third.bytes());
  EXPECT_NE(hex(first.counting_bytes()), hex(first.bytes()));
}

TEST(KeyRotate, KeepsTheOldKeyUnderItsFingerprint) {
  const TemporaryFolder folder;
  const Key first = Key::create(folder / "key");
  Key::rotate(folder / "key", OldKey::kKeep);
  const fs::path kept = folder / ("key." + first.fingerprint());
  EXPECT_EQ(Key::load(kept).bytes(), first.bytes());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 2);
}

TEST(KeyRotate, DestroysTheOldKeyWhenTold) {
  const TemporaryFolder folder;
  const Key first = Key::create(folder / "key");
  fs::create_hard_link(folder / "key", folder / "witness");
  Key::rotate(folder / "key", OldKey::kDestroy);
  for (const char c : read_file(folder / "witness")) EXPECT_EQ(c, '\0') << "overwritten";
  fs::remove(folder / "witness");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
  EXPECT_EQ(Key::load(folder / "key").counting_bytes(), first.counting_bytes());
}

TEST(KeyRotate, WritesTheDocumentedBytes) {
  const TemporaryFolder folder;
  Key::create(folder / "key");
  const Key key = Key::rotate(folder / "key", OldKey::kDestroy);
  EXPECT_EQ(read_file(folder / "key"),
            key_file("SCRIMK02" + as_text(key.bytes()), key.counting_bytes()));
  EXPECT_EQ(fs::status(folder / "key").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
}

TEST(KeyRotate, LeavesTheKeyAloneWhenItCannotGoOn) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kNotFound, "there is no key",
               [&] { Key::rotate(folder / "key", OldKey::kKeep); });
  const Key first = Key::create(folder / "key");
  std::ofstream(folder / ("key." + first.fingerprint())) << "mine";
  expect_error(ErrorCode::kInvalidArgument, "never overwritten",
               [&] { Key::rotate(folder / "key", OldKey::kKeep); });
  fs::create_symlink(folder / "key", folder / "link");
  expect_error(ErrorCode::kInvalidArgument, "is a link",
               [&] { Key::rotate(folder / "link", OldKey::kKeep); });
  EXPECT_EQ(Key::load(folder / "key").bytes(), first.bytes());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 3);
}

TEST(KeyRotate, AnyFlippedBitOfARotatedKeyIsNoticed) {
  const TemporaryFolder folder;
  Key::create(folder / "key");
  Key::rotate(folder / "key", OldKey::kDestroy);
  const std::string whole = read_file(folder / "key");
  for (std::size_t bit = 0; bit < 8 * whole.size(); bit += 3) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THROW(Key::load(write_key(folder / "flipped", flipped)), Error) << bit;
  }
}

TEST(Key, FromBytesHoldsThem) { EXPECT_EQ(Key::from_bytes(counting()).bytes(), counting()); }

TEST(Key, FingerprintTellsKeysApart) {
  Bytes other = counting();
  other[31] ^= 1;
  const Key key = Key::from_bytes(counting());
  EXPECT_THAT(key.fingerprint(), ::testing::MatchesRegex("[0-9a-f]{8}"));
  EXPECT_EQ(key.fingerprint(), Key::from_bytes(counting()).fingerprint());
  EXPECT_NE(key.fingerprint(), Key::from_bytes(other).fingerprint());
}

TEST(Key, FingerprintIsAKeyedHashAndNotTheKey) {
  const Key key = Key::from_bytes(counting());
  const Digest digest = Hmac(counting()).update("scrim key fingerprint v1").finish();
  EXPECT_EQ(key.fingerprint(), hex(digest).substr(0, 8));
  EXPECT_EQ(hex(key.bytes()).find(key.fingerprint()), std::string::npos);
}

TEST(Key, IsErasedWhenDestroyed) {
  alignas(Key) std::array<unsigned char, sizeof(Key)> memory{};
  Key* key = new (memory.data()) Key(Key::from_bytes(counting()));
  key->~Key();
  // Through volatile, so that the compiler cannot reason about a destroyed object.
  const volatile unsigned char* bytes = memory.data();
  for (std::size_t i = 0; i < memory.size(); ++i) EXPECT_EQ(bytes[i], 0) << i;
}

}  // namespace
}  // namespace scrim
