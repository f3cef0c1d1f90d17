// A learned code that is taken of what a small encoder makes of the activation.
#pragma once

#include "learn/obfuscator.h"

#include <memory>

namespace scrim {

// `code` as learned_obfuscator() makes it, its directions taken of encoder(z), not of z. Both are
// learned together with the tail.
//
// The encoder moves, so the variances in white space no longer hold by themselves:
//
//   y = (basis (encoder(z) - mean)) / deviation,   z ~ clean mean + decode (gain y)
//
// In training mean and deviation are those of the batch, and part of the graph: variance 1 in every
// direction of every batch, whatever the encoder does, so that it cannot buy signal by growing.
// Otherwise they are running averages, until calibrate() sets them from the moments of the final
// encoder. What is decoded has the moments of the clean activation throughout.
std::unique_ptr<Obfuscator> encoded_obfuscator(std::unique_ptr<Obfuscator> code, Encoder encoder);

}  // namespace scrim
