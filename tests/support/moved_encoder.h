// An encoder that is no longer the identity, with batch norms that do something.
#pragma once

#include "network/encoder.h"

#include <cmath>

namespace scrim {

inline Encoder moved_encoder(std::int64_t channels, double size = 0.2) {
  Encoder encoder(channels, 5);
  const torch::NoGradGuard no_grad;
  torch::manual_seed(8);
  encoder->back->weight.normal_(0, size / std::sqrt(4.5 * static_cast<double>(channels)));
  encoder->back->bias.normal_(0, size);
  encoder->narrow->bn->running_mean.normal_(0, 0.3);
  encoder->narrow->bn->running_var.uniform_(0.5, 2);
  encoder->narrow->bn->weight.uniform_(0.5, 1.5);
  encoder->narrow->bn->bias.normal_(0, 0.3);
  encoder->eval();
  return encoder;
}

}  // namespace scrim
