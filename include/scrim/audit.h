// What an attacker can still learn from a release: measured, never promised.
#pragma once

#include <scrim/dataset.h>
#include <scrim/release.h>

#include <string>
#include <vector>

namespace scrim {

// How well a reconstruction matches the pictures it was not trained on.
struct Leakage {
  double psnr = 0;                   // dB, mean over pictures
  double unexplained_variance = 0;   // share of the picture's variance the attacker misses; 1 is chance
  std::int64_t pictures = 0;
};

// The linear least-squares attacker (A1): reconstructs each cell's pixels, at an eighth of the
// enlarged picture's resolution a 4x4 block a cell, from the 3x3 cells around it. It is the optimum
// among linear attackers with that view, knows the noise parameters, and not the key.
class LinearAttacker {
 public:
  // Trains on pairs of activation and picture (the pictures as the head received them, enlarged).
  static LinearAttacker fit(const std::vector<Tensor>& activations, const std::vector<Image>& pictures);

  // The picture as the attacker sees it: 4 pixels a cell each way.
  Image reconstruction(const Tensor& activation) const;
  Leakage measure(const std::vector<Tensor>& activations, const std::vector<Image>& pictures) const;

 private:
  std::int64_t channels_ = 0;
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
  double alpha = 0;
  double bits_per_element = 0;
  std::vector<FoldFigures> folds;
  FoldFigures mean, interval_low, interval_high;
  Leakage clean_leakage, noisy_leakage;
  std::vector<ReportPicture> pictures;
  std::vector<std::pair<std::string, double>> seconds;  // stage -> time
  std::vector<std::string> commands;                    // that made it
};

// One self-contained HTML page: opens offline, prints well.
std::string html_report(const ReportContents& contents);

}  // namespace scrim
