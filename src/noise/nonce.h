// Which draw a sample gets: keys derived from the user's key, and the nonce. docs/formats/key.md.
#pragma once

#include <scrim/activation.h>
#include <scrim/key.h>

#include "base/hash.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

using Nonce = std::array<std::uint8_t, 12>;

// A key for one purpose, of one release: HMAC-SHA-256 of both under the user's key.
Key derived_key(const Key& key, std::string_view purpose, std::string_view release_id);

// The key of the noise stream and the key of sticky nonces of one release.
Key stream_key(const Key& key, std::string_view release_id);
Key nonce_key(const Key& key, std::string_view release_id);

// What a sticky nonce depends on, beside its key. All of it: two samples that differ in any part
// must not share a draw.
struct StickySample {
  std::string_view release_id;
  double alpha;
  std::array<std::int64_t, 3> shape;  // K, H, W
  std::span<const float> values;      // K x H x W, finite
  float clip;                         // at most kMostClip
};

// Feeds the values as they are hashed: held to +-clip, in units of 1/64, int16. A few last bits of
// another machine mostly change nothing. Allocates nothing.
void hash_values(Hmac& hmac, std::span<const float> values, float clip);

// The same for the same sample, without allocation per value.
Nonce sticky_nonce(const Key& key, const StickySample& sample);

// From the operating system. 96 random bits: two of a billion samples meet with probability 6e-12.
Nonce fresh_nonce();

// What the receiver of a batch may see of its nonces: 32 hexadecimal digits of their hash.
std::string nonce_text(std::span<const Nonce> nonces);

}  // namespace scrim
