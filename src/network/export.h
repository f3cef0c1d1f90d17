// The two halves of FaceBoxes as TorchScript for inference, with the code of a release folded in.
#pragma once

#include <scrim/release.h>

#include "network/encoder.h"
#include "network/faceboxes.h"

#include <torch/csrc/jit/api/module.h>

#include <filesystem>
#include <string_view>

namespace scrim {

// The stages up to and with `split_point`: N x 3 x H x W -> N x C x H/stride x W/stride. With a
// code, y = basis (activation - mean) follows as a 1x1 convolution: N x K x ... comes out. With an
// encoder too, it is the encoded activation that the code is taken of.
//
// Batch normalisation is folded into the convolutions. The weights are copied.
// Throws kNotFound (no such split point), kInvalidArgument (a code of other channels).
torch::jit::Module script_head(const FaceBoxes& network, std::string_view split_point,
                               const NoiseParameters* code = nullptr,
                               const Encoder& encoder = nullptr);

// The rest: N x C x h x w -> boxes (N x priors x 4) and scores (N x priors x 2, softmax applied).
// With a code, mean + decode y comes first and the input is N x K x h x w.
torch::jit::Module script_tail(const FaceBoxes& network, std::string_view split_point,
                               const NoiseParameters* code = nullptr);

// The same, saved atomically for any PyTorch from 1.13 on. Of the code only channels, directions,
// mean, basis and decode are used.
void export_head(const FaceBoxes& network, std::string_view split_point,
                 const NoiseParameters& code, const std::filesystem::path& path,
                 const Encoder& encoder = nullptr);
void export_tail(const FaceBoxes& network, std::string_view split_point,
                 const NoiseParameters& code, const std::filesystem::path& path);

}  // namespace scrim
