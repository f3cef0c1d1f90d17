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
// Applying it keeps the shape of its input, for any batch size and any calibrated picture size.
// A Noise is immutable, so threads may share one.
class Noise {
 public:
  // Throws kInvalidArgument unless the release was calibrated for options.alpha, kRefused if the
  // parameters do not keep the alpha that they claim.
  Noise(const Release& release, const Key& key, NoiseOptions options = {});

  // Returns the activation with noise on every element of every sample (N x K x H x W, K the
  // directions of the release). Throws kInvalidArgument on another shape or a value that is not
  // finite: no noise, no release.
  NoisyActivation operator()(const Activation& activation) const;

  double alpha() const { return options_.alpha; }
  // An upper bound on the information that passes, in bits per element of the N-channel
  // activation: log2(1/alpha)/2. docs/decisions/0005 gives the proof.
  double bits_per_element() const;
  // The same for one spatial cell of N channels, in bits.
  double bits_per_cell() const;

 private:
  std::array<std::uint8_t, 12> nonce(std::span<const float> sample) const;

  NoiseOptions options_;
  std::string release_id_;
  std::array<std::uint8_t, 32> stream_key_;
  std::array<std::uint8_t, 32> nonce_key_;
  std::int64_t channels_;
  float clip_;
  std::vector<float> scale_;
  std::vector<float> sigma_;
};

}  // namespace scrim
