// The objective of the tech report, kept as a baseline: loss mixing.
//
// z~ = z + mu + sigma eps on every channel, sigma = sigma_max (1 + tanh rho) / 2 with mu and rho
// learned; loss (1 - w) task - w ln mean sigma. The noise weight w is no contract: what such a
// noise lets pass is measured afterwards, and that is the alpha of the release.
#pragma once

#include "learn/obfuscator.h"

#include <memory>

namespace scrim {

// `activation`: the moments of the clean activation; noise_weight in (0, 1).
std::unique_ptr<Obfuscator> mixture_obfuscator(const Moments& activation, double noise_weight,
                                               float clip);

}  // namespace scrim
