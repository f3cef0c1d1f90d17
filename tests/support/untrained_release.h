// A release that runs: FaceBoxes with random or given weights, cut anywhere, nothing learned.
#pragma once

#include "network/export.h"
#include "support/temporary_folder.h"

#include <scrim/release.h>

#include <cmath>
#include <filesystem>
#include <string>

namespace scrim {

// The first 8 of the channels at `split_point` leave, at alphas .5 and .95, all equally noisy.
inline Release untrained_release(const TemporaryFolder& folder, const FaceBoxes& network,
                                 const std::string& split_point) {
  constexpr std::size_t kDirections = 8;
  const auto channels = static_cast<std::size_t>(FaceBoxesImpl::channels_at(split_point));
  ReleaseParts parts;
  NoiseParameters& noise = parts.noise;
  noise.channels = static_cast<std::int64_t>(channels);
  noise.directions = kDirections;
  noise.alphas = {0.5, 0.95};
  for (const double alpha : noise.alphas) {
    const double ratio = std::pow(alpha, -static_cast<double>(channels) / kDirections) - 1;
    noise.scale.emplace_back(kDirections, 1.0F);
    noise.sigma.emplace_back(kDirections, static_cast<float>(1 / std::sqrt(ratio)));
  }
  noise.mean.assign(channels, 0.0F);
  noise.basis.assign(kDirections * channels, 0.0F);
  noise.decode.assign(channels * kDirections, 0.0F);
  for (std::size_t k = 0; k < kDirections; ++k) {
    noise.basis[k * channels + k] = noise.decode[k * kDirections + k] = 1.0F;
  }
  noise.held_out_variance.assign(kDirections, 1.0F);
  parts.manifest.model = "faceboxes";
  parts.manifest.task = "face-detection";
  parts.manifest.split_point = split_point;
  parts.manifest.objective = "uniform";
  parts.manifest.alphas = noise.alphas;
  parts.manifest.data_digest = std::string(64, '0');
  parts.manifest.stride = FaceBoxesImpl::stride_at(split_point);
  parts.head = folder / "head.pt";
  parts.tail = folder / "tail.pt";
  export_head(network, split_point, noise, parts.head);
  export_tail(network, split_point, noise, parts.tail);
  return Release::write(folder / "untrained.scrim", parts);
}

}  // namespace scrim
