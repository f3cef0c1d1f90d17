// FaceBoxes (Zhang et al., 2017) as modules of the tensor library, named as in its weight file.
#pragma once

#include "network/conv_unit.h"
#include "release/safetensors.h"

#include <torch/nn/modules/container/modulelist.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scrim {

// Four branches over 128 channels, 32 channels each, concatenated: 1x1, average pool then 1x1,
// 3x3, and twice 3x3.
struct InceptionImpl : torch::nn::Module {
  InceptionImpl();
  torch::Tensor forward(const torch::Tensor& x);

  ConvUnit branch1x1{nullptr}, branch1x1_2{nullptr};
  ConvUnit branch3x3_reduce{nullptr}, branch3x3{nullptr};
  ConvUnit branch3x3_reduce_2{nullptr}, branch3x3_2{nullptr}, branch3x3_3{nullptr};
};
TORCH_MODULE(Inception);

// The boxes (N x priors x 4) and the logits (N x priors x 2, no softmax; class 1 is the face).
using LocAndConf = std::pair<torch::Tensor, torch::Tensor>;

// The detector. Input N x 3 x H x W in B, G, R, 0..255 minus (104, 117, 123), at least 1 x 1.
//
// It is a chain of stages up to the last place where a single tensor crosses, and a rest with
// three scales. A split point is the name of a stage: the stage is the last of the head.
struct FaceBoxesImpl : torch::nn::Module {
  // He initialisation of what feeds a ReLU, N(0, 0.01) and zero bias for the six output layers.
  FaceBoxesImpl();

  // conv1, pool1, conv2, pool2, inception1, inception2, inception3, in order.
  static const std::vector<std::string>& split_points();
  static bool has_split_point(std::string_view name);
  // Channels of the activation, and input pixels per cell each way, at a split point.
  static std::int64_t channels_at(std::string_view split_point);
  static std::int64_t stride_at(std::string_view split_point);

  // The stages up to and with `split_point`; tail(head(x, s), s) is forward(x).
  // Throws kNotFound, naming the split points, if there is none of that name.
  torch::Tensor head(const torch::Tensor& x, std::string_view split_point);
  LocAndConf tail(const torch::Tensor& activation, std::string_view split_point);
  // tail(mean + decode y) up to rounding, y of few directions: B x K x h x w, N x K, N. After
  // inception3 the layers that follow take the decoding in, so that a pass and its gradient work
  // on K channels in place of N.
  struct Coded {
    torch::Tensor y, decode, mean;
  };
  LocAndConf coded_tail(const Coded& activation, std::string_view split_point);
  // The stages after `from` up to and with `to`; `activation` itself if they are the same.
  torch::Tensor between(const torch::Tensor& activation, std::string_view from,
                        std::string_view to);
  LocAndConf forward(const torch::Tensor& x);

  // Kernels channels last, as the convolutions of a batch in that layout want them.
  void lay_out();

  ConvUnit conv1{nullptr}, conv2{nullptr};
  Inception inception1{nullptr}, inception2{nullptr}, inception3{nullptr};
  ConvUnit conv3_1{nullptr}, conv3_2{nullptr}, conv4_1{nullptr}, conv4_2{nullptr};
  torch::nn::ModuleList loc, conf;

 private:
  torch::Tensor run_stages(torch::Tensor x, std::size_t first, std::size_t end);
  torch::Tensor run_stage(const torch::Tensor& x, std::size_t stage);
  LocAndConf run_rest(const torch::Tensor& inception3_output);
  // loc and logits of the scales, given the first of each and what conv3_1 made.
  LocAndConf run_scales(const torch::Tensor& first_loc, const torch::Tensor& first_logits,
                        const torch::Tensor& reduced);
};
TORCH_MODULE(FaceBoxes);

// Copies all 174 tensors into the network. Throws kCorrupt naming the first tensor that is
// missing, not FaceBoxes', of another shape or not finite; the network is then unchanged.
void load_weights(FaceBoxes& network, const Safetensors& weights);
// The network of a weight file. Throws as read_safetensors and load_weights do, the file named.
FaceBoxes read_faceboxes(const std::filesystem::path& path);
// The same from what was read; `path` is for errors only.
FaceBoxes faceboxes_of(const Safetensors& weights, const std::filesystem::path& path);
// The network's tensors under the names of the weight file, on the CPU.
Safetensors weights_of(const FaceBoxes& network);

}  // namespace scrim
