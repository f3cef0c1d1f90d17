// The small network that a client may run between the head and the code.
#pragma once

#include "network/conv_unit.h"

#include <torch/csrc/jit/api/module.h>

#include <cstdint>
#include <string>

namespace scrim {

// z + conv3x3(relu(bn(conv3x3(z)))), N -> N/2 -> N channels: what the code is taken of. The
// identity as long as nothing was learned, because the last convolution starts at zero.
struct EncoderImpl : torch::nn::Module {
  // The weights depend on `seed` alone. Throws kInvalidArgument unless `channels` is even.
  EncoderImpl(std::int64_t channels, std::uint64_t seed);
  torch::Tensor forward(const torch::Tensor& z);

  ConvUnit narrow{nullptr};
  torch::nn::Conv2d back{nullptr};
};
TORCH_MODULE(Encoder);

// Its lines in the script of a head, for inference: batch normalisation is folded. `x` itself if
// the encoder is null.
std::string encoded(ScriptWriter& writer, const std::string& x, const Encoder& encoder);
// The same as a module of its own.
torch::jit::Module script_encoder(const Encoder& encoder);

}  // namespace scrim
