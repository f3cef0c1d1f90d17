// A valid release of a few numbers, for tests of what reads and writes releases.
#pragma once

#include <scrim/release.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/files.h"

namespace scrim {

// Three directions of four channels at two alphas; the last direction passes at the second only.
// Numbers are exact in float32.
inline NoiseParameters example_noise() {
  NoiseParameters noise;
  noise.channels = 4;
  noise.directions = 3;
  noise.alphas = {0.5, 0.8};
  noise.scale = {{1.0F, 0.5F, 0.25F}, {0.75F, 0.5F, 0.0F}};
  noise.sigma = {{1.0F, 1.5F, 2.0F}, {2.0F, 4.0F, 0.0F}};
  noise.mean = {0.5F, -1.0F, 0.0F, 2.0F};
  noise.basis = {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
  noise.decode = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
  noise.held_out_variance = {1.0F, 0.75F, 1.25F};
  return noise;
}

// Parts whose head and tail are files in `folder`; they are bytes only and cannot be run.
inline ReleaseParts example_parts(const std::filesystem::path& folder) {
  write_file_atomically(folder / "head.pt", "the head");
  write_file_atomically(folder / "tail.pt", "the tail");
  ReleaseParts parts;
  parts.manifest.model = "faceboxes";
  parts.manifest.task = "face-detection";
  parts.manifest.split_point = "inception3";
  parts.manifest.objective = "uniform";
  parts.manifest.licences = {{"client/head.pt", "Apache-2.0"}};
  parts.noise = example_noise();
  parts.head = folder / "head.pt";
  parts.tail = folder / "tail.pt";
  parts.evidence = {{"evaluation.json", "{}\n"}};
  return parts;
}

}  // namespace scrim
