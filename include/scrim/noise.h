// A learned noise, and the one call that applies it. Start here.
#pragma once

#include <scrim/activation.h>
#include <scrim/key.h>
#include <scrim/release.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace scrim {

// Sticky: the same activation gets the same noise, so that asking again tells nothing new.
// Fresh: a new draw each time; n draws of one input multiply every signal-to-noise ratio by n.
enum class Draw { kSticky, kFresh };

class Accountant;
struct AccountRecord;
struct WirePlane;

// What left so far of one input, or of one source: how many releases, and the alpha of all of them
// together. docs/decisions/0005 has the formula under "Repeats".
struct Spent {
  std::int64_t releases = 0;
  double alpha = 1;
};

struct NoiseOptions {
  double alpha = 0.8;  // in (0, 1), one of the release's calibrated values
  Draw draw = Draw::kSticky;
  WireType wire = WireType::kFp32;  // values are rounded to what it carries
  // Counts every release before it is handed out. Without one, the caller counts. Shared, because a
  // program has one for all that leaves it.
  std::shared_ptr<Accountant> accountant = {};
  // Counts all releases as releases of one input of this name, as of "camera-1", whose pictures
  // resemble each other. Empty: each activation is an input of its own.
  std::string source = {};
};

// The noise of one release at one alpha, drawn with one key.
//
// Applying it keeps the shape of its input, for any batch size and any picture size. Samples of a
// batch are independent: a batch gives what its samples give one by one. A Noise is immutable, so
// threads may share one. It keeps keys derived from `key`, erased when it is destroyed.
class Noise {
 public:
  // Throws kInvalidArgument unless the release was calibrated for options.alpha; kRefused if the
  // parameters do not keep the alpha that they claim (by more than 10 % of its bits on
  // held-out pictures), would let anything pass without noise, or are not the accountant's.
  Noise(const Release& release, const Key& key, NoiseOptions options = {});

  // Returns the activation with noise on every element of every sample (N x K x H x W, K the
  // directions of the release). Throws kInvalidArgument on another shape or a value that is not
  // finite: no noise, no release. Values are rounded to a grid of about sigma / 1024 after the
  // noise, so that the gaps of float32 tell nothing; a direction without noise is all +0. With an
  // accountant, throws kRefused before anything leaves that it does not allow; and so for an
  // activation of another release's head, or of a picture of a size that was never calibrated.
  NoisyActivation operator()(const Activation& activation) const;

  // The same for an activation in caller's memory, which is read where it is.
  NoisyActivation operator()(const Shape& shape, std::span<const float> activation) const;

  // The same for caller's memory: `in` of that shape to `out`, which is `in` itself or does not
  // overlap it. Allocates nothing per element. When it throws, `out` is as it was or all zero.
  // Returns how many values the wire's largest held (0 for kFp32).
  std::int64_t apply(const Shape& shape, std::span<const float> in, std::span<float> out) const;

  double alpha() const { return options_.alpha; }
  // Throws kRefused unless pictures become the head's input by the release's own rules: by others,
  // its alpha and its accuracy are void.
  void require_rules(const InputRules& rules) const;
  // The alpha that held-out pictures show, or the promised one if that is lower.
  double realised_alpha() const { return realised_alpha_; }
  // The same with the correlation of the directions taken into account, which is never lower than
  // their variances alone show; NaN where learning did not measure it.
  double joint_alpha() const { return joint_alpha_; }
  // An upper bound on the information that passes, in bits per element of the N-channel
  // activation, on average over cells: log2(1/alpha)/2. docs/decisions/0005 gives the proof.
  double bits_per_element() const;
  // The same for one spatial cell of N channels, in bits.
  double bits_per_cell() const;

  // How many values lie outside +-clip, and lose signal. More than a few in a thousand say that the
  // pictures are unlike those the release was calibrated on, and its alpha with them.
  std::int64_t count_clipped(const Activation& activation) const;

  // What left so far of the activation (of the most spent sample of a batch), or of options.source.
  // Throws kInvalidArgument without an accountant.
  Spent spent(const Activation& activation) const;

 private:
  using Nonce = std::array<std::uint8_t, 12>;
  using Mark = std::array<std::uint8_t, 16>;

  std::int64_t apply(const Shape& shape, std::span<const float> in, std::span<float> out,
                     std::vector<Nonce>& nonces) const;
  std::size_t obfuscate(std::span<const float> in, const Nonce& nonce, std::span<float> out) const;
  Nonce nonce(const Shape& shape, std::span<const float> sample) const;
  Mark mark(const Shape& shape, std::span<const float> sample) const;
  void charge(const Shape& shape, std::span<const float> in, std::span<const Nonce> nonces) const;

  void check_size(const Shape& shape) const;

  NoiseOptions options_;
  std::string release_id_;
  std::string contract_digest_;
  InputRules input_;
  std::int64_t stride_;
  Key stream_key_;
  Key nonce_key_;
  std::int64_t channels_;
  double realised_alpha_;
  double joint_alpha_;
  float clip_;
  std::vector<float> scale_;
  std::vector<float> sigma_;
  std::shared_ptr<const std::vector<WirePlane>>
      planes_;  // shared, because all copies have the same
};

struct AccountantOptions {
  // In (0, 1): below this, the alpha of all releases of one input together may not fall.
  double least_alpha = 0;
};

// Counts releases in a file that outlives the process, and refuses those beyond a limit.
//
// A release is on the disk before it is handed out, so that a killed process has counted what it
// sent. The file holds keyed hashes, no picture; docs/formats/accountant.md draws its bytes. It
// counts one release folder, all its alphas, and all keys that descend from one by rotation. The
// same draw again, as sticky ones are, is no new release. Threads may share one; any number of
// processes may use one file.
class Accountant {
 public:
  // Opens the file or makes a new one. Throws kInvalidArgument on the options, kRefused if the file
  // counts another release or other keys, kCorrupt on damage. A last record that was cut off counts
  // as a release of every input.
  static std::shared_ptr<Accountant> open(const std::filesystem::path& file, const Release& release,
                                          const Key& key, AccountantOptions options);
  ~Accountant();
  Accountant(const Accountant&) = delete;
  Accountant& operator=(const Accountant&) = delete;

  double least_alpha() const;
  std::int64_t releases();
  Spent spent_by(const std::string& source);
  // Of the input or source with the lowest alpha.
  Spent most_spent();

 private:
  friend class Noise;
  struct Impl;
  explicit Accountant(std::unique_ptr<Impl> impl);

  const std::string& release_id() const;
  const Key& counting_key() const;
  Spent spent(const std::array<std::uint8_t, 16>& input);
  // All of them or, throwing, none.
  void charge(std::span<const AccountRecord> records);

  std::unique_ptr<Impl> impl_;
};

// What given activations show of one calibrated alpha.
struct MeasuredAlpha {
  double alpha = 0;     // as the release lists it
  double diagonal = 1;  // from the variances of the directions: what a release promises
  double joint = 1;     // from their covariance as well; never lower than the diagonal one
  // Norm of scale * y / sigma, 99.9 % of all cells are at or below it: the bits are an average over
  // cells, and this is how far a cell may stand out of its noise.
  double cell_norm = 0;
  bool within_margin = true;  // the bits of `diagonal` exceed those of `alpha` by at most 10 %
};

// Measures the alphas of a release on activations of its head, clipped as a Noise clips them.
class AlphaMeter {
 public:
  // Throws as Noise does, for any calibrated alpha.
  explicit AlphaMeter(const Release& release);
  ~AlphaMeter();
  AlphaMeter(const AlphaMeter&) = delete;
  AlphaMeter& operator=(const AlphaMeter&) = delete;

  // Throws kInvalidArgument on another shape or a value that is not finite.
  void add(const Activation& activation);
  std::int64_t cells() const;

  // The K x K covariance over the cells added, row-major. Throws kInvalidArgument, as measure does,
  // on fewer than two cells.
  std::vector<double> covariance() const;
  // One for each calibrated alpha.
  std::vector<MeasuredAlpha> measure() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace scrim
