// What passes, in bits and in what the best attacker could do with it. Calculated, not attacked.
#pragma once

#include <scrim/activation.h>
#include <scrim/release.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace scrim {

// Upper bounds on the bits that pass per element of the N-channel activation, on average over
// cells, from the second moments of the given activations (clipped as the noise clips them).
//
// diagonal: 1/(2N) sum_k log2(1 + S_kk), joint: 1/(2N) log2 det(I + S), with S the covariance of
// scale * y / sigma over cells. Both bound the mutual information (a Gaussian has the largest
// entropy for its covariance; Cover and Thomas, 2006, theorem 8.6.5); joint <= diagonal
// (Hadamard's inequality), with equality where the directions are uncorrelated.
struct BitsPerElement {
  double diagonal = 0;
  double joint = 0;
};

// `alpha_index` is the place in noise.alphas; activations are 1 x K x H x W, as a head returns
// them. Throws kInvalidArgument, as all below, on another shape or a place that there is not.
BitsPerElement measured_bits(const NoiseParameters& noise, std::size_t alpha_index,
                             std::span<const Tensor> activations);

// The norm over directions of scale * clip(y) / sigma, for each cell: how far the cell stands out
// of its noise, in deviations. The bound on bits is an average over cells; this shows its tail.
std::vector<double> cell_norms(const NoiseParameters& noise, std::size_t alpha_index,
                               const Tensor& activation);

// How far apart the releases of two pictures are, in deviations of the noise: the Mahalanobis
// distance of two Gaussians of equal covariance. Throws unless both have the same shape.
double release_distance(const NoiseParameters& noise, std::size_t alpha_index, const Tensor& one,
                        const Tensor& other);

// The best that any attacker can do to tell which of two known pictures, at that distance, was
// released (Neyman and Pearson, 1933): area under the curve Phi(d / sqrt 2), and share of right
// answers Phi(d / 2) where both are equally likely.
double best_auc(double distance);
double best_accuracy(double distance);

// The largest share of right answers that any attacker can have who is to say which of `people`
// equally likely persons was released, knowing `bits` of information: Fano's inequality
// log2 M - I <= h(p) + (1 - p) log2(M - 1), solved for p = the share that is right. 1/M at 0 bits,
// 1 from log2 M bits on: there the bound says nothing. Throws unless people >= 2 and bits >= 0.
double fano_bound(double bits, double people);

}  // namespace scrim
