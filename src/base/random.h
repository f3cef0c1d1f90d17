// Reproducible draws for pictures and training: one seed gives the same numbers everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace scrim {

// SplitMix64 (Steele, Lea and Flood, 2014). The distributions of <random> are not used: the
// standard leaves their algorithm open. Not for anything that must be hard to guess: never on the
// path of a release.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // A stream of its own for item `index` of purpose `purpose`.
  Random(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index)
      : state_(mix(mix(mix(seed) ^ purpose) + index)) {}

  std::uint64_t bits() { return mix(state_ += 0x9E3779B97F4A7C15U); }
  // In [0, 1), 53 bits.
  double share() { return static_cast<double>(bits() >> 11) * 0x1p-53; }
  // In [low, high).
  double between(double low, double high) { return low + (high - low) * share(); }
  float betweenf(double low, double high) { return static_cast<float>(between(low, high)); }
  // 0 to count - 1; count > 0.
  int below(int count) { return static_cast<int>(share() * count); }
  // 0 to count - 1; count > 0. The bias of the modulus is below count / 2^64.
  std::size_t index(std::size_t count) { return bits() % count; }
  bool chance(double probability) { return share() < probability; }
  template <typename T>
  const T& pick(std::span<const T> values) {
    return values[static_cast<std::size_t>(below(static_cast<int>(values.size())))];
  }
  double pick(std::initializer_list<double> values) {
    return pick(std::span<const double>(values.begin(), values.size()));
  }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace scrim
