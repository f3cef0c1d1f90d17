// What an attacker can still learn from a release: measured, never promised.
#pragma once

#include <scrim/dataset.h>
#include <scrim/release.h>

#include <cstdint>
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
// attackers with that view, knows the noise parameters, and not the key.
//
// An attacker bounds leakage from below: that it fails says nothing of stronger ones. Immutable.
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

  std::int64_t channels_;
  std::int64_t stride_;
  std::vector<float> weights_;  // (9 * channels + 1) x 48
};

// One picture of the report, in its four states.
struct ReportPicture {
  std::string name;
  Image input;
  std::vector<Detection> clean_detections, noisy_detections;
  Image clean_reconstruction, noisy_reconstruction;
};

// Average precision without and with obfuscation: of one fold, or of all.
struct FoldFigures {
  double clean = 0, noisy = 0;
};

struct ReportContents {
  std::string title;
  Manifest manifest;
  std::string created;  // the day, as in "2025-03-31"
  double alpha = 0;
  double bits_per_element = 0;
  std::int64_t channels = 0;  // of the activation: bits per cell are channels * bits per element
  std::int64_t cells = 0;     // of one picture of the report: its bits are cells * bits per cell
  std::string protocol;       // how average precision was counted, in words
  std::vector<FoldFigures> folds;
  FoldFigures mean, interval_low, interval_high;
  Leakage clean_leakage, noisy_leakage;
  std::vector<ReportPicture> pictures;
  std::vector<std::pair<std::string, double>> seconds;  // stage -> time
  std::vector<std::string> commands;                    // that made it
};

// One self-contained HTML page: opens offline, prints well, holds no script. Every text is escaped.
std::string html_report(const ReportContents& contents);

}  // namespace scrim
