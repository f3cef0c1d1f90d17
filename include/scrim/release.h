// The folder that learning writes and everything else reads: client/, server/, evidence/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace scrim {

// How a picture becomes the head's input. The same rules in learning, evaluation and use, or the
// promised alpha and the accuracy are void.
struct InputRules {
  double scale = 3.0;                          // bilinear enlargement before the head
  std::vector<double> mean = {104, 117, 123};  // subtracted from B, G, R in 0..255
  // Sides of the pictures that the statistics hold for, in pixels before the enlargement: what is
  // measured per direction holds for any size between them. 0 where the release does not say.
  std::int64_t smallest_side = 0;
  std::int64_t largest_side = 0;
};

// The learned noise, per direction k of K and calibrated alpha a of A: what leaves is
// scale[a][k] * clip(y_k, +-clip) + sigma[a][k] * z, with y the head's output of unit variance.
//
// K is what is sent, N the channel count of the network at the split: a direction that is not
// sent counts as destroyed. A direction with scale 0 has sigma 0 and carries nothing.
struct NoiseParameters {
  std::int64_t channels = 0;              // N
  std::int64_t directions = 0;            // K <= N
  float clip = 8.0F;                      // in standard deviations of y
  std::vector<double> alphas;             // A calibrated values in (0, 1), ascending
  std::vector<std::vector<float>> scale;  // A x K, >= 0
  std::vector<std::vector<float>> sigma;  // A x K, > 0 wherever scale is
  std::vector<float> mean;                // N, of the clean activation
  std::vector<float> basis;               // K x N, y = basis (activation - mean)
  std::vector<float> decode;              // N x K, activation ~ mean + decode * noisy
  std::vector<float> held_out_variance;   // K, Var(y_k) on pictures the statistics did not see
  // On the same pictures, clipped; empty where learning did not measure them. AlphaMeter does.
  std::vector<float> held_out_covariance = {};  // K x K
  std::vector<float> held_out_cell_norm = {};   // A, of scale * y / sigma: 99.9 % of cells below
};

// What a release says of itself; manifest.json.
struct Manifest {
  int format_version = 1;
  std::string release_id;            // SHA-256 over this and the hashes of all parts, hexadecimal
  std::string model;                 // "faceboxes" or "torchscript"
  std::string task;                  // "face-detection" or "classification"
  std::vector<std::string> classes;  // of a classifier, in the order of its outputs; may be empty
  std::string split_point;           // the module whose output crosses the cut
  std::string objective;             // what was learned of the noise, as objective_name() says it
  InputRules input;
  std::int64_t stride = 32;    // input pixels per cell of the activation, each way
  std::vector<double> alphas;  // calibrated
  std::string data_digest;     // SHA-256 of the training list
  std::string tool_version;
  std::string created;                          // UTC, RFC 3339
  std::map<std::string, std::string> licences;  // part -> licence
  std::map<std::string, std::string> files;     // relative path -> SHA-256
};

// What learning hands over to be sealed. Paths name files that are copied in; names of evidence are
// plain file names.
struct ReleaseParts {
  Manifest manifest;  // release_id, alphas, files, created, tool_version are filled in
  NoiseParameters noise;
  std::filesystem::path head;  // TorchScript: 1x3xHxW -> 1xKxhxw, code folded in
  std::filesystem::path tail;  // TorchScript: 1xKxhxw -> outputs, decoding folded in
  std::map<std::string, std::string> evidence;  // file name -> contents, as "evaluation.json"
};

// An opened, fully checked release. Immutable.
class Release {
 public:
  // Reads the manifest, checks every hash and every number. Throws kNotFound, kCorrupt (a missing,
  // extra, changed or half-written part), kUnsupported (a newer format).
  static Release open(const std::filesystem::path& folder);

  // Writes a release: temporary folder beside it, fsync, rename. Never leaves a half-written one.
  // A release at `folder` is replaced; anything else there is left, and kInvalidArgument thrown, as
  // for noise that makes no sense. Throws kNotFound for a missing head, tail or parent folder, and
  // kUnavailable where the disk is full or read-only.
  static Release write(const std::filesystem::path& folder, const ReleaseParts& parts);

  const std::filesystem::path& folder() const { return folder_; }
  const Manifest& manifest() const { return manifest_; }
  const std::string& id() const { return manifest_.release_id; }
  // SHA-256 of server/contract.json, hexadecimal.
  const std::string& contract_digest() const;
  const NoiseParameters& noise() const { return noise_; }
  std::filesystem::path head() const { return folder_ / "client" / "head.pt"; }
  std::filesystem::path tail() const { return folder_ / "server" / "tail.pt"; }

 private:
  Release(std::filesystem::path folder, Manifest manifest, NoiseParameters noise);

  std::filesystem::path folder_;
  Manifest manifest_;
  NoiseParameters noise_;
};

}  // namespace scrim
