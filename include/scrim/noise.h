// A learned noise, and the one call that applies it. Start here.
#pragma once

#include <scrim/activation.h>
#include <scrim/key.h>
#include <scrim/release.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace scrim {

// Sticky: the same activation gets the same noise, so that asking again tells nothing new.
// Fresh: a new draw each time; n draws of one input multiply every signal-to-noise ratio by n.
enum class Draw { kSticky, kFresh };

struct NoiseOptions {
  double alpha = 0.8;  // in (0, 1), one of the release's calibrated values
  Draw draw = Draw::kSticky;
};

// The noise of one release at one alpha, drawn with one key.
//
// Applying it keeps the shape of its input, for any batch size and any picture size. Samples of a
// batch are independent: a batch gives what its samples give one by one. A Noise is immutable, so
// threads may share one. It keeps keys derived from `key`, erased when it is destroyed.
class Noise {
 public:
  // Throws kInvalidArgument unless the release was calibrated for options.alpha, kRefused if the
  // parameters do not keep the alpha that they claim (by more than 10 % of its bits on
  // held-out pictures) or would let anything pass without noise.
  Noise(const Release& release, const Key& key, NoiseOptions options = {});

  // Returns the activation with noise on every element of every sample (N x K x H x W, K the
  // directions of the release). Throws kInvalidArgument on another shape or a value that is not
  // finite: no noise, no release. Values are rounded to a grid of about sigma / 1024 after the
  // noise, so that the gaps of float32 tell nothing; a direction without noise is all +0.
  NoisyActivation operator()(const Activation& activation) const;

  // The same for caller's memory: `in` of that shape to `out`, which is `in` itself or does not
  // overlap it. Allocates nothing per element. When it throws, `out` is as it was or all zero.
  void apply(const Shape& shape, std::span<const float> in, std::span<float> out) const;

  double alpha() const { return options_.alpha; }
  // The alpha that held-out pictures show, or the promised one if that is lower.
  double realised_alpha() const { return realised_alpha_; }
  // An upper bound on the information that passes, in bits per element of the N-channel
  // activation, on average over cells: log2(1/alpha)/2. docs/decisions/0005 gives the proof.
  double bits_per_element() const;
  // The same for one spatial cell of N channels, in bits.
  double bits_per_cell() const;

  // How many values lie outside +-clip, and lose signal. More than a few in a thousand say that the
  // pictures are unlike those the release was calibrated on, and its alpha with them.
  std::int64_t count_clipped(const Activation& activation) const;

 private:
  void obfuscate(const Shape& shape, std::span<const float> in, std::span<float> out) const;
  std::array<std::uint8_t, 12> nonce(const Shape& shape, std::span<const float> sample) const;

  NoiseOptions options_;
  std::string release_id_;
  Key stream_key_;
  Key nonce_key_;
  std::int64_t channels_;
  double realised_alpha_;
  float clip_;
  std::vector<float> scale_;
  std::vector<float> sigma_;
};

}  // namespace scrim
