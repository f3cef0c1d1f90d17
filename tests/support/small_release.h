// A release of the shipped classifier of shapes: every channel sent with the same noise.
#pragma once

#include "support/temporary_folder.h"

#include <scrim/network.h>
#include <scrim/release.h>

#include <cmath>
#include <string>

namespace scrim {

inline constexpr const char* kShapesWeights = SCRIM_SHARE "/shapes.safetensors";
inline constexpr const char* kShippedWeights = SCRIM_SHARE "/faceboxes.safetensors";

// Nobody adapted its tail: the noise costs accuracy.
inline Release small_release(const TemporaryFolder& folder, double alpha) {
  constexpr std::size_t kChannels = 64;
  const Network network = Network::load(kShapesWeights);
  ReleaseParts parts;
  parts.manifest.model = network.model();
  parts.manifest.task = "classification";
  parts.manifest.classes = network.classes();
  parts.manifest.split_point = network.options().split_point;
  parts.manifest.objective = "uniform";
  parts.manifest.input.scale = 1;
  parts.manifest.stride = 8;
  parts.manifest.alphas = {alpha};
  parts.manifest.data_digest = std::string(64, '0');
  parts.noise.channels = parts.noise.directions = kChannels;
  parts.noise.alphas = {alpha};
  parts.noise.scale.emplace_back(kChannels, 1.0F);
  // 1 + SNR = 1/alpha where all channels share the bits.
  parts.noise.sigma.emplace_back(kChannels, static_cast<float>(std::sqrt(alpha / (1 - alpha))));
  parts.noise.mean.assign(kChannels, 0.0F);
  parts.noise.basis.assign(kChannels * kChannels, 0.0F);
  for (std::size_t k = 0; k < kChannels; ++k) parts.noise.basis[k * kChannels + k] = 1;
  parts.noise.decode = parts.noise.basis;
  parts.noise.held_out_variance.assign(kChannels, 1.0F);
  parts.head = folder / "head.pt";
  parts.tail = folder / "tail.pt";
  network.export_torchscript(parts.head, parts.tail);
  return Release::write(folder / "shapes.scrim", parts);
}

}  // namespace scrim
