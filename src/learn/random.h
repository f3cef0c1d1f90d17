// A small seeded generator for learning: the same seed gives the same run on every machine.
#pragma once

#include <cstdint>

namespace scrim {

// SplitMix64 (Steele, Lea, Flood 2014): one multiply-xorshift chain a draw. For windows, colours
// and training noise; never on the path of a release.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  // An independent stream for item `index` of purpose `purpose`.
  Random(std::uint64_t seed, std::uint64_t purpose, std::uint64_t index)
      : state_(mix(mix(mix(seed) ^ purpose) + index)) {}

  std::uint64_t bits() { return mix(state_ += 0x9e3779b97f4a7c15ULL); }
  // Uniform in [0, 1), 53 bits.
  double uniform() { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  // Uniform in [0, count); count > 0. The bias of the modulus is under count / 2^64.
  std::uint64_t below(std::uint64_t count) { return bits() % count; }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  std::uint64_t state_;
};

}  // namespace scrim
