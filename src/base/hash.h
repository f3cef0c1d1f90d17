// SHA-256 and HMAC-SHA-256, by OpenSSL.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace scrim {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
// The digest of a file, as 64 hexadecimal digits. Throws as read_file does.
std::string sha256_of_file(const std::filesystem::path& path);
std::string hex(std::span<const std::uint8_t> bytes);

// HMAC-SHA-256 of a message in one or more parts (RFC 2104).
class Hmac {
 public:
  explicit Hmac(std::span<const std::uint8_t> key);
  ~Hmac();
  Hmac(const Hmac&) = delete;
  Hmac& operator=(const Hmac&) = delete;

  Hmac& update(std::span<const std::uint8_t> part);
  Hmac& update(std::string_view part);
  Digest finish();

 private:
  void* context_;
};

// Fills the span from the operating system's generator. Throws kUnavailable if it fails.
void random_bytes(std::span<std::uint8_t> out);

}  // namespace scrim
