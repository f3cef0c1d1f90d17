// What an obfuscated activation tells of an answer beyond the answer: which face, not that it is
// one.
#pragma once

#include "learn/obfuscator.h"
#include "learn/task.h"

#include <torch/types.h>

#include <vector>

namespace scrim {

// Prices what is told, for one training. A nuisance, in the word of Achille and Soatto (2018), is
// what answers do not depend on.
//
// What least squares on the answers leaves of y at their cells is the nuisance; M, its covariance,
// is kept for each group of answers as an average over the last batches. A cell tells at most
//
//   1/2 ln det(I + R^1/2 M R^1/2) nats,  R the SNR of each direction,
//
// of a nuisance with that covariance: the largest entropy is a Gaussian's.
class Nuisance {
 public:
  Nuisance(std::int64_t groups, std::int64_t directions);

  // cells: one entry a group, as Task::answer_cells gives them. What an answer tells beyond itself,
  // in capacities of one cell (N ln(1/alpha) / 2 nats): cells an answer has times nats over
  // capacity, mean over the samples, sum over the groups. Gradients flow through this batch. A
  // group of too few cells to say anything in this batch counts 0.
  torch::Tensor told(const Sent& sent, const std::vector<AnswerCells>& cells,
                     const torch::Tensor& alphas, std::int64_t channels);

  // What moves: a state that is resumed needs it.
  std::vector<torch::Tensor> buffers() { return {covariance_, batches_}; }

 private:
  torch::Tensor covariance_;  // groups x K x K, float64
  torch::Tensor batches_;     // groups, int64: that each covariance was seen in
};

}  // namespace scrim
