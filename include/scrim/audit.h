// What an attacker can still learn from a release: measured, never promised.
#pragma once

#include <scrim/dataset.h>
#include <scrim/release.h>
#include <scrim/status.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace scrim {

// How well a reconstruction matches the pictures it was not trained on.
struct Leakage {
  double psnr = 0;  // dB, mean over pictures, each at most 99
  // Share of the pictures' variance the attacker misses, pooled over pictures, pixels and colours:
  // squared error over squared distance to the mean colour of all pictures. 1 is chance.
  double unexplained_variance = 0;
  std::int64_t pictures = 0;
};

// The linear least-squares attacker (A1): reconstructs each cell's pixels, a 4x4 block a cell, from
// the 3x3 cells around it (cells beyond the edge repeat the edge). It is the optimum among linear
// attackers with that view, knows the noise parameters, and not the key. An attacker bounds leakage
// from below: that it fails says nothing of stronger ones. Immutable.
class LinearAttacker {
 public:
  // Trains on pairs of activation (1 x K x H x W) and picture, the picture enlarged as the head
  // received it. `stride` is the number of picture pixels a cell spans each way; a picture that
  // ends within its last cell is continued by its edge. Throws kInvalidArgument on no pairs, on
  // unequal counts, and on a shape that does not fit its picture.
  static LinearAttacker fit(const std::vector<Tensor>& activations,
                            const std::vector<Image>& pictures, std::int64_t stride = 32);

  // The picture as the attacker sees it: 4 pixels a cell each way.
  Image reconstruction(const Tensor& activation) const;
  // The picture at the resolution at which the attacker is measured, to show beside it.
  Image target(const Image& picture, const Tensor& activation) const;
  // Throws as fit does.
  Leakage measure(const std::vector<Tensor>& activations, const std::vector<Image>& pictures) const;

 private:
  LinearAttacker(std::int64_t channels, std::int64_t stride, std::vector<float> weights)
      : channels_(channels), stride_(stride), weights_(std::move(weights)) {}

  std::int64_t channels_, stride_;
  std::vector<float> weights_;  // (9 * channels + 1) x 48
};

// The decoder that an audit trained on one release (A2). Immutable; copies share its weights.
class TrainedDecoder {
 public:
  // Reads an audit's decoder.safetensors. Throws kNotFound, kCorrupt, kRefused (another release's).
  static TrainedDecoder load(const std::filesystem::path& file, const Release& release);
  // The picture as the decoder sees it, or would without noise. Throws kInvalidArgument on another
  // release's, on more than one, and at an alpha that is not in alphas().
  Image reconstruction(const NoisyActivation& noisy_activation) const;
  Image reconstruction(const Activation& activation) const;
  const std::vector<double>& alphas() const;
  int pixels_per_cell() const;  // of a reconstruction, each way

 private:
  struct Impl;
  explicit TrainedDecoder(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

// A figure and its 95 % interval.
struct Measured {
  double value = kNotMeasured, low = kNotMeasured, high = kNotMeasured;
};

// Quick ends within ten minutes on two cores; full trains the attackers as long as the study did.
enum class AuditMode { kQuick, kFull };

struct AuditOptions {
  std::vector<double> alphas = {};  // to attack, of the calibrated ones; empty: all, quick six
  AuditMode mode = AuditMode::kQuick;
  // What the attackers learn from, none of it in the audited dataset. Empty: every other picture of
  // the audited dataset goes to the attackers, and the figures come from the rest.
  std::vector<Dataset> attacker_datasets = {};
  // Re-identification needs both: MobileFaceNet's weights (safetensors), and a folder that has one
  // folder of pictures a person. The first half of the people teach the attackers, the rest are
  // searched for. Empty: these attacks are skipped, and the result says so.
  std::filesystem::path recogniser = {};
  std::filesystem::path identities = {};
  double identity_scale = 4.0;  // enlargement of the identities' pictures; 2 fails its controls
  // FaceBoxes' weights: find the faces to align, and are cut at pool2 for the positive control.
  // Empty: the release's evidence/adapted.safetensors.
  std::filesystem::path weights = {};
  int pictures = 0;       // audited at most; 0 for what the mode says
  int decoder_steps = 0;  // of the trained attackers; 0 for what the mode says
  int examples = 4;       // pictures shown with their reconstructions
  std::uint64_t seed = 1;
  // below: affects time only
  int threads = 2;
  ProgressFn progress = {};
  std::stop_token stop = {};

  // Throws kInvalidArgument naming the first field out of range.
  void validate() const;
};

// What an attacker was given.
enum class Seen {
  kRelease,    // what the release sends, at the row's alpha
  kNoNoise,    // the same cut and code without noise: what the depth of the cut alone hides
  kNoiseOnly,  // noise without signal: must be chance
  kShallow,    // the clean activation after pool2: must succeed
  kPictures,   // the pictures themselves (recogniser alone): must succeed
};

// One picture's part in the figures of a row: kept so that intervals can be drawn by picture.
struct PictureFigures {
  std::string name;
  double error = 0, variance = 0;            // squared, sums over pixels and colours
  double face_error = 0, face_variance = 0;  // the same inside annotated faces; 0 without any
  double psnr = 0, ssim = 0;
};

// All comparisons of one search: reconstruction i against clean picture j.
struct Matches {
  std::vector<int> people;        // person of each picture, from 0
  std::vector<float> similarity;  // people.size() squared, row-major; the diagonal does not count
};

// One attacker on one kind of input.
struct AttackRow {
  std::string attacker;  // "linear", "decoder", ...: docs/formats/audit.md lists them
  Seen seen = Seen::kRelease;
  double alpha = kNotMeasured;              // of kRelease
  int draws = 1;                            // of one picture, averaged
  double alpha_after_draws = kNotMeasured;  // by the accountant's rule
  // Pooled over pictures as Leakage's is: 1 is chance, 0 a perfect copy.
  Measured unexplained_variance, unexplained_in_faces;
  Measured psnr, ssim;  // mean over pictures
  // Of reconstructions (or embeddings) against the clean pictures of the same people.
  Measured rank1, auc;
  double rank1_chance = kNotMeasured, accuracy_chance = kNotMeasured;
  std::string attribute;
  Measured accuracy;                               // balanced, of the guess of an attribute
  std::int64_t pictures = 0;                       // behind the reconstruction's figures
  std::int64_t identity_pictures = 0, people = 0;  // behind rank1 and auc
  double seconds = 0;  // training (shared by the rows of one attacker) and measuring
  std::vector<PictureFigures> per_picture;
  Matches matches;  // empty without identities
};

// A claim about the attackers without which their failure means nothing.
struct Control {
  std::string name;         // as in "decoder finds people again after pool2, no noise"
  std::string expectation;  // the limit in words, as in "rank-1 at least 0.90"
  double value = 0;
  bool passed = false;
};

// What alpha says, and what the audited pictures show of it.
struct CapacityRow {
  double alpha = 0, diagonal_alpha = 0, joint_alpha = 0;  // promised; of the audited pictures
  double diagonal_bits = 0, joint_bits = 0;               // per element of the N-channel activation
  double bits_per_picture = 0;  // diagonal, mean over the audited pictures
  // Norm of scale * y / sigma of one cell: the bound is an average, and these are its other side.
  double norm_median = 0, norm_99 = 0, norm_999 = 0, norm_max = 0;
  // Two known pictures, which one was sent? Area under the curve of the best test there is for
  // Gaussian noise, Phi(d / sqrt 2), d their Mahalanobis distance: 5 % and 50 % of all pairs.
  double pair_auc_5 = 0, pair_auc_50 = 0, pair_distance_50 = 0;
  double cell_auc_50 = 0;  // the same for two single cells of different pictures
  // Fano: who must pick one of M equally likely pictures errs in a share of at least
  // 1 - (bits + 1) / log2 M. For M = 2^20; 0 where there are too many bits for the bound to speak.
  double fano_error = 0;
};

// A picture beside what an attacker made of it. Reconstructions have 8 pixels a cell.
struct AuditExample {
  std::string name;
  Image input, from_no_noise;
  std::vector<std::pair<double, Image>> from_noisy;  // alpha, at most three, ascending
};

struct AuditResult {
  bool valid = false;  // every control passed; else the audit says nothing for the release
  std::vector<Control> controls;
  std::vector<CapacityRow> capacity;
  std::vector<AttackRow> attacks;
  std::vector<AuditExample> examples;
  std::string decoder;               // the bytes of decoder.safetensors
  std::vector<std::string> skipped;  // attacks and controls that did not run, with the reason
  std::string release_id, dataset_digest, attacker_digest;  // digests: of the annotations
  std::string recogniser_sha256, weights_sha256;            // empty where none was given
  std::int64_t attacker_pictures = 0, audited_pictures = 0;
  std::vector<std::pair<std::string, double>> seconds;  // stage -> time
};

// Attacks a release. Noise is drawn with a key that follows from options.seed: attackers know all
// but the key. The same options give the same figures on the same machine.
// Throws kInvalidArgument, kNotFound, kCorrupt; kUnavailable when stopped.
AuditResult audit(const Release& release, const Dataset& dataset, const AuditOptions& options = {});

struct ReportPanel {
  std::string caption;  // below the image
  Image image;
};

// One picture of the dataset in several states, side by side.
struct ReportPicture {
  std::string name;
  std::vector<ReportPanel> panels;
};

// How well the task is done: at an alpha, or without obfuscation where alpha is NaN.
struct AccuracyRow {
  double alpha = kNotMeasured;
  Measured accuracy;
};

// What the evidence of a release is made of: report.html and audit.json say the same things.
struct ReportContents {
  std::string title, created;  // the time in UTC, RFC 3339
  Manifest manifest;
  std::int64_t channels = 0;  // N of the activation: bits per cell are N * bits per element
  std::string accuracy_name, accuracy_protocol;  // as "average precision"; how, in words
  std::string accuracy_source;                   // where the figures come from: a command or a file
  std::int64_t accuracy_pictures = 0;
  Measured untouched;  // of the weights before they were adapted; NaN if not measured
  std::vector<AccuracyRow> accuracy;  // without obfuscation first, then by alpha; may be empty
  AuditMode mode = AuditMode::kQuick;
  std::uint64_t seed = 1;
  AuditResult audit;
  std::vector<ReportPicture> pictures;
  std::vector<std::string> commands;  // that made it
};

// The pictures of an audit as the page shows them.
std::vector<ReportPicture> report_pictures(const AuditResult& audit);
// One self-contained HTML page: opens offline, prints well, holds no script. Every text is escaped.
// Throws kInvalidArgument if an alpha is not in (0, 1).
std::string html_report(const ReportContents& contents);
// audit.json, as docs/formats/audit.md describes it: all figures, without the pictures.
std::string audit_json(const ReportContents& contents);

}  // namespace scrim
