// Whether a tensor shows the noise that its sender declares: what can be told of one activation
// without the key, and without knowing pictures.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace scrim {

// How often at most a request whose noise was added as declared is taken for one without.
inline constexpr double kFalseRefusal = 1e-6;

// `bytes` are `samples` x K x `rows` x `columns` of little-endian FP32, K the length of `sigma`,
// all finite.
//
// Of each 2 x 2 cells (a, b; c, d) the diagonal difference (a - b - c + d) / 2 is taken. Noise of
// standard deviation sigma gives it a variance of sigma^2, independently for each block and
// direction, and whatever the activation is it only adds to the square (Anderson's inequality). So
// over n differences the sum of (difference / sigma)^2 is at least chi-squared of n degrees, which
// is below n - 2 sqrt(n t) with a probability of exp(-t) at most (Laurent and Massart, Annals of
// Statistics 28, 2000, lemma 1). A sum below that for t = -log(kFalseRefusal / tests) refuses. The
// tests of a sample are the half, quarter, eighth and all of the directions with the most noise:
// there a clean activation, which is smooth, is furthest from its declaration.
//
// Rounding to steps of sigma / 2 leaves that as it is: the error is uniform and independent of the
// noise to within exp(-2 pi^2 * 4) of one, and so only adds to the square.
//
// A tensor of fewer than 2 x 2 cells, or a level without noise, shows nothing and passes.
bool shows_noise(std::string_view bytes, std::int64_t samples, std::int64_t rows,
                 std::int64_t columns, std::span<const float> sigma);

// Whether every value is one that a noise leaves: a multiple of its direction's grid step, or of
// sigma / 2 where an int8 wire rounded it, and +0 in a direction without noise. What a noise gives
// always is; of the values that a network computes, one in some thousand is by chance. Arguments
// as above.
bool lies_on_grid(std::string_view bytes, std::int64_t samples, std::int64_t rows,
                  std::int64_t columns, std::span<const float> sigma);

}  // namespace scrim
