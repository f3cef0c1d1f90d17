// A release small enough to think about, written and opened as a real one.
#pragma once

#include "support/temporary_folder.h"

#include <scrim/release.h>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

namespace scrim {

// N = 4 channels, K = 3 directions that share the bits: (1 + SNR)^(K/N) = 1/alpha, scale 1.
inline NoiseParameters tiny_noise(const std::vector<double>& alphas = {0.5, 0.8, 0.95}) {
  NoiseParameters noise;
  noise.channels = 4;
  noise.directions = 3;
  noise.alphas = alphas;
  for (const double alpha : alphas) {
    const double snr = std::pow(alpha, -4.0 / 3.0) - 1.0;
    noise.scale.emplace_back(3, 1.0F);
    noise.sigma.emplace_back(3, static_cast<float>(1.0 / std::sqrt(snr)));
  }
  noise.mean = {0.5F, -1.0F, 0.0F, 2.0F};
  noise.basis = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  noise.decode = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  noise.held_out_variance = {1.0F, 1.03F, 0.98F};
  return noise;
}

// Writes and opens a release with this noise. Its head and tail are files without a network.
inline Release tiny_release(const TemporaryFolder& folder, const NoiseParameters& noise,
                            const std::string& name = "tiny.scrim", const InputRules& input = {}) {
  ReleaseParts parts;
  parts.manifest.model = "faceboxes";
  parts.manifest.task = "face-detection";
  parts.manifest.split_point = "inception3";
  parts.manifest.objective = "uniform";
  parts.manifest.input = input;
  parts.manifest.alphas = noise.alphas;
  parts.manifest.data_digest = std::string(64, '0');
  parts.noise = noise;
  parts.head = folder / (name + ".head.pt");
  parts.tail = folder / (name + ".tail.pt");
  std::ofstream(parts.head) << "head of " << name;
  std::ofstream(parts.tail) << "tail of " << name;
  return Release::write(folder / name, parts);
}

}  // namespace scrim
