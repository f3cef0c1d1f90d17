#include "noise/nonce.h"

#include "base/hash.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstring>
#include <set>
#include <string>
#include <vector>

namespace scrim {
namespace {

Key nonce_test_key(std::uint8_t fill = 1) {
  std::array<std::uint8_t, Key::kBytes> bytes{};
  bytes.fill(fill);
  return Key::from_bytes(bytes);
}

const std::string kNonceRelease(64, 'a');
const std::vector<float> kNonceValues = {0.0F, 1.0F, -1.0F, 0.25F, 7.0F, -9.0F};

StickySample sticky_sample() { return {kNonceRelease, 0.8, {3, 1, 2}, kNonceValues, 8.0F}; }

template <typename Value>
void append(std::string& bytes, Value value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

TEST(DerivedKeys, DifferByPurposeReleaseAndKey) {
  const std::string other(64, 'b');
  std::set<std::array<std::uint8_t, Key::kBytes>> keys;
  for (const std::string& release : {kNonceRelease, other}) {
    for (const std::uint8_t fill : {std::uint8_t{1}, std::uint8_t{2}}) {
      keys.insert(stream_key(nonce_test_key(fill), release).bytes());
      keys.insert(nonce_key(nonce_test_key(fill), release).bytes());
      keys.insert(nonce_test_key(fill).bytes());
    }
  }
  EXPECT_EQ(keys.size(), 2U * 2 * 2 + 2);
}

TEST(DerivedKeys, AreTheDocumentedHashes) {
  const auto expected = [](const std::string& purpose) {
    return Hmac(nonce_test_key().bytes()).update(purpose + kNonceRelease).finish();
  };
  EXPECT_EQ(stream_key(nonce_test_key(), kNonceRelease).bytes(), expected("scrim noise stream v1"));
  EXPECT_EQ(nonce_key(nonce_test_key(), kNonceRelease).bytes(), expected("scrim noise nonce v1"));
}

TEST(StickyNonce, HashesTheDocumentedBytes) {
  std::string bytes = kNonceRelease;
  append(bytes, 0.8);
  for (const std::int64_t size : {3, 1, 2}) append(bytes, size);
  for (const int code : {0, 64, -64, 16, 448, -512}) {
    append(bytes, static_cast<std::int16_t>(code));
  }
  const Digest digest = Hmac(nonce_test_key().bytes()).update(bytes).finish();
  const Nonce nonce = sticky_nonce(nonce_test_key(), sticky_sample());
  EXPECT_EQ(std::memcmp(nonce.data(), digest.data(), nonce.size()), 0);
}

TEST(StickyNonce, IsTheSameForTheSameSample) {
  const std::vector<float> copy = kNonceValues;
  StickySample again = sticky_sample();
  again.values = copy;
  EXPECT_EQ(sticky_nonce(nonce_test_key(), sticky_sample()), sticky_nonce(nonce_test_key(), again));
}

TEST(StickyNonce, DependsOnEachPartOfTheSample) {
  const std::string other_release(64, 'b');
  std::vector<float> other_values = kNonceValues;
  other_values.back() = 0.5F;
  std::vector<StickySample> samples(6, sticky_sample());
  samples[1].release_id = other_release;
  samples[2].alpha = 0.95;
  samples[3].shape = {3, 2, 1};
  samples[4].shape = {6, 1, 1};
  samples[5].values = other_values;
  std::set<Nonce> nonces;
  for (const StickySample& each : samples) nonces.insert(sticky_nonce(nonce_test_key(), each));
  nonces.insert(sticky_nonce(nonce_test_key(2), sticky_sample()));
  EXPECT_EQ(nonces.size(), 7U);
}

TEST(StickyNonce, DependsOnEveryValueOfALongSample) {
  // Longer than the block of codes that is hashed at once, and no multiple of it.
  std::vector<float> values(2048 * 2 + 3, 0.5F);
  StickySample long_sample{kNonceRelease, 0.8, {1, 1, 4099}, values, 8.0F};
  std::set<Nonce> nonces = {sticky_nonce(nonce_test_key(), long_sample)};
  const std::vector<std::size_t> places = {0, 1, 2047, 2048, 4095, 4096, 4098};
  for (const std::size_t place : places) {
    values[place] = -0.5F;
    nonces.insert(sticky_nonce(nonce_test_key(), long_sample));
    values[place] = 0.5F;
  }
  EXPECT_EQ(nonces.size(), places.size() + 1);
}

TEST(StickyNonce, StaysUnderRoundingErrors) {
  std::vector<float> jittered = kNonceValues;
  for (float& value : jittered) value += 1e-6F;
  StickySample other = sticky_sample();
  other.values = jittered;
  EXPECT_EQ(sticky_nonce(nonce_test_key(), sticky_sample()), sticky_nonce(nonce_test_key(), other));
}

TEST(StickyNonce, SeesClippedValuesAsTheyLeave) {
  std::vector<float> values = kNonceValues;
  values.back() = -100.0F;
  StickySample other = sticky_sample();
  other.values = values;
  EXPECT_EQ(sticky_nonce(nonce_test_key(), sticky_sample()), sticky_nonce(nonce_test_key(), other));
}

TEST(StickyNonce, HoldsTheLargestClip) {
  const std::vector<float> low(6, -511.0F);
  const std::vector<float> high(6, 511.0F);
  StickySample one = sticky_sample();
  StickySample two = sticky_sample();
  one.clip = two.clip = 511.0F;
  one.values = low;
  two.values = high;
  EXPECT_NE(sticky_nonce(nonce_test_key(), one), sticky_nonce(nonce_test_key(), two));
}

TEST(FreshNonce, NeverRepeatsInAMillionBits) {
  std::set<Nonce> nonces;
  int ones = 0;
  constexpr int kDraws = 10'000;
  for (int i = 0; i < kDraws; ++i) {
    const Nonce nonce = fresh_nonce();
    for (const std::uint8_t byte : nonce) ones += std::popcount(byte);
    nonces.insert(nonce);
  }
  EXPECT_EQ(nonces.size(), static_cast<std::size_t>(kDraws));
  // 960,000 fair bits: standard deviation 490; six of them fail once in 5e8 runs.
  EXPECT_NEAR(ones, kDraws * 48, 6 * 490);
}

}  // namespace
}  // namespace scrim
