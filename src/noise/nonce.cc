#include "noise/nonce.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace scrim {
namespace {

static_assert(std::endian::native == std::endian::little, "nonces hash little-endian values");

template <typename Value>
std::span<const std::uint8_t> bytes_of(std::span<const Value> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size_bytes()};
}

// Rounded, so that an activation which another run computes with another last bit mostly keeps its
// draw. The product is exact, and adding a half and cutting off compiles to vectors.
std::int16_t code(float value, float clip) {
  const float scaled = std::clamp(value, -clip, clip) * 64.0F;
  return static_cast<std::int16_t>(scaled + std::copysign(0.5F, scaled));
}

}  // namespace

void hash_values(Hmac& hmac, std::span<const float> values, float clip) {
  std::array<std::int16_t, 2048> codes;
  while (!values.empty()) {
    const std::size_t count = std::min(values.size(), codes.size());
    for (std::size_t i = 0; i < count; ++i) codes[i] = code(values[i], clip);
    hmac.update(bytes_of(std::span<const std::int16_t>(codes).first(count)));
    values = values.subspan(count);
  }
  OPENSSL_cleanse(codes.data(), sizeof(codes));
}

Key derived_key(const Key& key, std::string_view purpose, std::string_view release_id) {
  Digest digest = Hmac(key.bytes()).update(purpose).update(release_id).finish();
  const Key result = Key::from_bytes(digest);
  OPENSSL_cleanse(digest.data(), digest.size());
  return result;
}

Key stream_key(const Key& key, std::string_view release_id) {
  return derived_key(key, "scrim noise stream v1", release_id);
}

Key nonce_key(const Key& key, std::string_view release_id) {
  return derived_key(key, "scrim noise nonce v1", release_id);
}

Nonce sticky_nonce(const Key& key, const StickySample& sample) {
  Hmac hmac(key.bytes());
  hmac.update(sample.release_id);
  hmac.update(bytes_of(std::span<const double>(&sample.alpha, 1)));
  hmac.update(bytes_of(std::span<const std::int64_t>(sample.shape)));
  hash_values(hmac, sample.values, sample.clip);
  const Digest digest = hmac.finish();
  Nonce nonce{};
  std::copy_n(digest.begin(), nonce.size(), nonce.begin());
  return nonce;
}

Nonce fresh_nonce() {
  Nonce nonce{};
  random_bytes(nonce);
  return nonce;
}

std::string nonce_text(std::span<const Nonce> nonces) {
  constexpr std::size_t kDigits = 32;
  std::string bytes = "scrim fresh nonce v1";
  for (const Nonce& nonce : nonces) bytes.append(nonce.begin(), nonce.end());
  return hex(sha256(bytes)).substr(0, kDigits);
}

}  // namespace scrim
