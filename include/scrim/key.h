// The secret that the noise is drawn with: 32 bytes from the operating system.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace scrim {

// What becomes of a key that is replaced.
enum class OldKey { kKeep, kDestroy };

// A noise key. Whoever holds it can subtract the noise, so it never leaves the trusted zone: it is
// not printed, logged, hashed into manifests or sent. Erased from memory when destroyed.
class Key {
 public:
  static constexpr std::size_t kBytes = 32;

  // Draws a new key from the operating system and writes it to a new file of mode 0600.
  // Throws kInvalidArgument if the file exists (a key is never overwritten), kNotFound if its
  // folder does not, kUnavailable if it cannot be written; then nothing is left behind.
  static Key create(const std::filesystem::path& path);

  // Reads a key. Throws kNotFound, kCorrupt on a wrong size or checksum, kUnsupported on a newer
  // version, and kRefused if the file is open to others than its owner. docs/formats/key.md.
  static Key load(const std::filesystem::path& path);

  // Replaces the key in the file by a new one that counts under the same counting key, so that an
  // Accountant goes on. kKeep leaves the old one beside it as PATH.FINGERPRINT; kDestroy overwrites
  // and removes it. At no moment is there no key at `path`. Throws as load and create do.
  static Key rotate(const std::filesystem::path& path, OldKey old);

  // A key from given bytes, for tests and benchmarks. Never for a release of real data.
  static Key from_bytes(const std::array<std::uint8_t, kBytes>& bytes);

  // $XDG_CONFIG_HOME/scrim/key is the caller's business; this is the relative part, "scrim/key".
  static constexpr const char* kDefaultName = "scrim/key";

  Key(const Key&) = default;
  Key& operator=(const Key&) = default;
  ~Key();

  const std::array<std::uint8_t, kBytes>& bytes() const { return bytes_; }
  // What releases are counted under. Rotation keeps it, so that an Accountant counts across keys.
  const std::array<std::uint8_t, kBytes>& counting_bytes() const { return counting_bytes_; }

  // Eight hexadecimal digits that tell two keys apart and reveal nothing of either
  // (truncated HMAC-SHA-256 of a constant).
  std::string fingerprint() const;

 private:
  explicit Key(std::span<const std::uint8_t, kBytes> bytes);
  Key(std::span<const std::uint8_t, kBytes> bytes, std::span<const std::uint8_t, kBytes> counting);
  std::array<std::uint8_t, kBytes> bytes_;
  std::array<std::uint8_t, kBytes> counting_bytes_;
};

}  // namespace scrim
