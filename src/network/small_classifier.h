// A small classifier of pictures of some 64 x 64 pixels, as modules of the tensor library.
#pragma once

#include "network/encoder.h"
#include "release/safetensors.h"

#include <scrim/release.h>

#include <torch/csrc/jit/api/module.h>
#include <torch/nn/modules/linear.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// Five units of 3 x 3 (all but conv4 halve the size), the mean over the cells, one linear layer.
// Input N x 3 x H x W as FaceBoxes', any size; returns logits, N x classes.
//
// A split point is the name of a unit: the unit is the last of the head.
struct SmallClassifierImpl : torch::nn::Module {
  // He initialisation. `names` are those of the classes, or empty: then `classes` counts them.
  explicit SmallClassifierImpl(std::vector<std::string> names);
  explicit SmallClassifierImpl(std::int64_t classes);

  // conv1 to conv5, in order. The default cut is after conv4: 64 channels, one cell per 8 x 8.
  static constexpr const char* kDefaultSplitPoint = "conv4";
  static const std::vector<std::string>& split_points();
  // Channels of the activation, and input pixels per cell each way, at a split point.
  // Throws kNotFound, naming the split points, if there is none of that name; so do the others.
  static std::int64_t channels_at(std::string_view split_point);
  static std::int64_t stride_at(std::string_view split_point);

  // The units up to and with `split_point`; tail(head(x, s), s) is forward(x).
  torch::Tensor head(const torch::Tensor& x, std::string_view split_point);
  torch::Tensor tail(const torch::Tensor& activation, std::string_view split_point);
  // The units after `from` up to and with `to`; `activation` itself if they are the same.
  torch::Tensor between(const torch::Tensor& activation, std::string_view from,
                        std::string_view to);
  torch::Tensor forward(const torch::Tensor& x);

  const std::vector<std::string>& class_names() const { return names_; }  // may be empty

  std::vector<ConvUnit> units;
  torch::nn::Linear linear{nullptr};

 private:
  torch::Tensor run_units(torch::Tensor x, std::size_t first, std::size_t end);

  std::vector<std::string> names_;
};
TORCH_MODULE(SmallClassifier);

// Whether the tensors are those of a small classifier and not of FaceBoxes.
bool holds_small_classifier(const Safetensors& weights);
// The network of a weight file, with the names of its classes. Throws kCorrupt as copy_weights
// does, the file named; `path` is for errors only.
SmallClassifier small_classifier_of(const Safetensors& weights, const std::filesystem::path& path);
// The network's tensors; the names of the classes are metadata.
Safetensors weights_of(const SmallClassifier& network);

// The two halves for inference, with the code of a release folded in: as of FaceBoxes. The tail
// returns logits, N x classes.
torch::jit::Module script_head(const SmallClassifier& network, std::string_view split_point,
                               const NoiseParameters* code = nullptr,
                               const Encoder& encoder = nullptr);
torch::jit::Module script_tail(const SmallClassifier& network, std::string_view split_point,
                               const NoiseParameters* code = nullptr);

}  // namespace scrim
