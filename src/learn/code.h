// The linear code of an activation: which directions are sent.
//
// Source: docs/decisions/0005-alpha-is-a-contract.md and the guide to learning.
#pragma once

#include <scrim/learn.h>

#include "learn/statistics.h"

#include <vector>

namespace scrim {

// Directions of variance 1: y = basis (z - mean), z ~ mean + decode (gain y).
struct Code {
  torch::Tensor mean;          // N, float64
  torch::Tensor basis;         // K x N
  torch::Tensor decode;        // N x K
  std::vector<double> fisher;  // K, descending for kFisher, all 1 for kUniform; else empty
  // Whether the client applies the Wiener gain SNR / (1 + SNR) to what it sends, or none.
  bool wiener = true;
  torch::Tensor offset = {};  // N, added to what is decoded; undefined for none
};

// The same as float32 tensors on the device of training.
struct CodeTensors {
  torch::Tensor mean;    // N
  torch::Tensor basis;   // K x N
  torch::Tensor decode;  // N x K
  bool wiener = true;
  torch::Tensor offset = {};  // N

  CodeTensors to(torch::Device device) const;
};
CodeTensors code_tensors(const Code& code);

// What arrives at the tail, not yet decoded.
struct Arrived {
  torch::Tensor y;       // B x K x h x w, gain and noise applied
  torch::Tensor decode;  // N x K
  torch::Tensor mean;    // N, what y = 0 stands for
};
// mean + decode y, B x N x h x w.
torch::Tensor decoded(const Arrived& arrived);

// The whitening code of `activation` over clean cells: uncorrelated directions, decode the
// pseudo-inverse of basis. `gradient`: the moments of the task loss's gradient there. kUniform
// stays in the eigenbasis of the covariance; any other objective turns white space onto the
// eigenvectors of the gradient's second moment, the Fisher basis. Directions of variance under 1e-6
// of the mean variance are left out.
Code closed_form_code(const Moments& activation, const Moments& gradient, Objective objective);

// Widens the calibrated variances of directions whose variance on other pictures is larger, so that
// the promise holds there too: rows are divided by the root of max(1, variance). Returns the
// ratios.
std::vector<double> widen(Code& code, const Moments& other_pictures);

// SNR per direction of a closed-form code, at most 1e4: by water-filling over `fisher`, or the same
// for all if kUniform. Exact to 1e-9 in alpha where the cap does not bind.
std::vector<double> allocate(const Code& code, double alpha, Objective objective);

inline constexpr double kSnrCap = 1e4;

}  // namespace scrim
