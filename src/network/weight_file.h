// Between the modules of the tensor library and the tensors of a weight file.
#pragma once

#include "release/safetensors.h"

#include <torch/nn/module.h>

#include <filesystem>
#include <string>

namespace scrim {

// Copies every parameter and buffer from the tensors of the same names. Throws kCorrupt naming the
// first tensor that is missing, not the network's, of another shape or not finite; the network is
// then unchanged. `what` names the network in errors.
void copy_weights(torch::nn::Module& network, const Safetensors& weights, const std::string& what);
// The network's parameters and buffers under their names, on the CPU.
Safetensors weights_of(const torch::nn::Module& network);

}  // namespace scrim
