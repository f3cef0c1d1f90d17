// A code that is learned together with the tail: which directions are sent, and how noisy each is.
#pragma once

#include "learn/obfuscator.h"

#include <memory>

namespace scrim {

// `fisher` is the Fisher basis of the activation, the start.
//
// kLinear: a rotation of white space, by the polar factor of a free matrix; all directions stay
// uncorrelated and the decoder is the inverse rotation. kCoded: `directions` free rows of norm 1 in
// white space, each of variance 1, and a free decoder; correlation that is left makes the bound
// looser and never wrong.
//
// The spectrum is u_k = a_k + b_k (logit(alpha) - 1) / 2 + t, SNR_k = exp(-u_k), with learned a and
// b and t the exact root for every alpha. Throws kInvalidArgument if directions is not in 1..K of
// `fisher`, or `objective` is another.
std::unique_ptr<Obfuscator> learned_obfuscator(const Code& fisher, Objective objective,
                                               std::int64_t directions, float clip);

// U of a matrix of full row rank near it, by 6 Newton-Schulz steps A <- 1.5 A - .5 A A^T A.
// Converges while no singular value exceeds sqrt(3).
torch::Tensor polar_factor(const torch::Tensor& matrix);

}  // namespace scrim
