// What one cut of a network costs and gives: learned shortly, scored under noise, attacked.
#pragma once

#include "command/command.h"

#include <scrim/dataset.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace scrim::cli {

struct ProbeOptions {
  std::filesystem::path weights;
  double alpha = 0.8;  // of the deepest cut; the others get the alpha of as many bits a picture
  int steps = 150;     // of training under noise, and of adaptation before it
  double scale = 3;
  int window = 512;
  std::uint64_t seed = 1;
  int threads = 2;
};

// One cut, before anything is learned.
struct Cut {
  std::string split_point;
  std::int64_t channels = 0;  // N
  std::int64_t stride = 0;    // input pixels per cell each way
  double cells = 0;           // of a picture, mean
  double head_ms = 0, tail_ms = 0;
};

// One row of the table.
struct Probe {
  Cut cut;
  double alpha = 0;
  double bits_per_picture = 0;
  double score = 0, interval_low = 0, interval_high = 0;
  // Share of the pictures' variance that a linear attacker misses, on the noisy activation and on
  // the clean one: what depth alone hides stands beside what noise adds.
  double unexplained = 0, unexplained_clean = 0;
};

// The pictures that are learned from, and those that measure: every fifth, of each class in turn.
struct ProbePictures {
  Dataset train, test;
};
ProbePictures split_dataset(const Dataset& dataset, const std::filesystem::path& scratch);

// Runs the clean network cut at each of the points: the shallowest head, by time, first. Throws as
// Network::load, and kInvalidArgument for fewer than two points.
std::vector<Cut> measure_cuts(const std::vector<std::string>& split_points,
                              const ProbeOptions& options, const Dataset& dataset);
// The alpha at which `cut` sends as many bits a picture as `deepest` does at `alpha`.
double alpha_of_equal_bits(const Cut& cut, const Cut& deepest, double alpha);

// Learns a release at this cut into `scratch`, scores it with its noise, and attacks it.
Probe probe(const Cut& cut, double alpha, const ProbePictures& pictures,
            const ProbeOptions& options, const std::filesystem::path& scratch,
            const Session& session);

// Throws kInvalidArgument unless some head takes at most `affordable_ms`: asked before learning.
void check_affordable(const std::vector<Cut>& cuts, double affordable_ms);
// The place of the recommended row: of the affordable cuts, those that no other such cut beats in
// both score and what the attacker misses, and of these the deepest. The rows come as measure_cuts
// orders them.
std::size_t recommended(const std::vector<Probe>& probes, double affordable_ms);

}  // namespace scrim::cli
