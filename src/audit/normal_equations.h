// Least squares with many outputs, from samples that arrive one after the other.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace scrim {

// Collects sum x x^T and sum x y^T, then solves for W in y ~ W^T x.
//
// Products are summed in float32 over 256 samples at a time and in float64 over the rest, so the
// relative error of an entry stays near 1e-7 whatever the number of samples. Inputs should be
// scaled to unit variance by the caller: the ridge is the same for all of them.
class NormalEquations {
 public:
  NormalEquations(std::size_t inputs, std::size_t outputs);

  // Adds one sample. Throws kInvalidArgument on another size.
  void add(std::span<const float> x, std::span<const float> y);

  // W as inputs x outputs, row-major. `ridge`, a share of the mean diagonal entry of sum x x^T, is
  // added to the diagonal so that a direction without variance gets weight 0 instead of a division
  // by it. Throws kInvalidArgument without samples, or if one holds a value that is not finite.
  std::vector<float> solve(double ridge);

  // The same for x' = scale * x + n, with n noise of these variances that is independent of x, of y
  // and between inputs: what endless draws of the noise would give. The ridge is a share of the
  // mean diagonal entry with the noise in it.
  std::vector<float> solve_noisy(double ridge, std::span<const double> scale,
                                 std::span<const double> variance);

  std::size_t samples() const { return samples_; }

 private:
  void flush();

  std::size_t inputs_, outputs_;
  std::size_t width_;  // of a row of rows_: inputs and outputs, padded to whole tiles
  std::size_t samples_ = 0;
  std::size_t pending_ = 0;       // rows that wait to be summed
  std::vector<float> rows_;       // 256 x width_: x, then y, then zeros
  std::vector<double> products_;  // width_ x width_, upper triangle of tiles
};

}  // namespace scrim
