#include "base/hash.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace scrim {
namespace {

std::string hmac_hex(const std::vector<std::uint8_t>& key, const std::string& message) {
  return hex(Hmac(key).update(message).finish());
}

// FIPS 180-4 examples, and the digest of no bytes.
TEST(Sha256, PublishedVectors) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
  const TemporaryFolder home;
  const std::string bytes(2'500'000, 'b');
  write_file_atomically(home / "file", bytes);
  EXPECT_EQ(sha256_of_file(home / "file"), hex(sha256(bytes)));
  expect_error(ErrorCode::kNotFound, "nothing", [&] { sha256_of_file(home / "nothing"); });
}

TEST(Hex, TwoDigitsPerByte) {
  EXPECT_EQ(hex(std::array<std::uint8_t, 4>{0x00, 0x0f, 0xa0, 0xff}), "000fa0ff");
  EXPECT_EQ(hex({}), "");
}

// RFC 4231, cases 1, 2, 3 and 6 (a key longer than a block).
TEST(Hmac, PublishedVectors) {
  EXPECT_EQ(hmac_hex(std::vector<std::uint8_t>(20, 0x0b), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_hex({'J', 'e', 'f', 'e'}, "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac_hex(std::vector<std::uint8_t>(20, 0xaa), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  EXPECT_EQ(hmac_hex(std::vector<std::uint8_t>(131, 0xaa),
                     "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Hmac, AnEmptyKeyIsAKey) {
  EXPECT_EQ(hmac_hex({}, ""), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hmac, PartsAreOneMessage) {
  const std::vector<std::uint8_t> key = {1, 2, 3};
  const std::vector<std::uint8_t> bytes = {'b', 'c'};
  EXPECT_EQ(hex(Hmac(key).update("a").update("").update(bytes).finish()), hmac_hex(key, "abc"));
}

// A constant, or bytes left out, would pass with a chance below 2^-100.
TEST(RandomBytes, FillTheSpanAnewEachTime) {
  std::array<std::uint8_t, 1000> first{};
  std::array<std::uint8_t, 1000> second{};
  random_bytes(first);
  random_bytes(second);
  EXPECT_NE(first, second);
  for (std::size_t begin = 0; begin + 100 <= first.size(); begin += 100) {
    EXPECT_TRUE(std::any_of(first.begin() + begin, first.begin() + begin + 100,
                            [](std::uint8_t byte) { return byte != 0; }))
        << begin;
  }
  random_bytes({});
}

}  // namespace
}  // namespace scrim
