// The attacker that names people straight from what crosses the cut (A6b), without a picture.
#pragma once

#include "audit/decoder.h"

#include <scrim/progress.h>

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// Cells below an aligned face in, 128 numbers of length 1 out: near for pictures of one person.
struct EmbedderNetworkImpl : torch::nn::Module {
  explicit EmbedderNetworkImpl(std::int64_t channels);
  // cells: B x channels x kRows x kColumns; level: B, logit(alpha) / 3.
  torch::Tensor forward(const torch::Tensor& cells, const torch::Tensor& level);

  // Places that are looked at: 16 template pixels apart.
  static constexpr std::int64_t kRows = 7, kColumns = 6;
  static constexpr std::int64_t kNumbers = 128;

  torch::nn::Conv2d first{nullptr}, second{nullptr};
  torch::nn::Linear last{nullptr};
};
TORCH_MODULE(EmbedderNetwork);

struct EmbedderTraining {
  std::string name;  // shown in progress
  int steps = 400;
  int batch = 32;
  double rate = 2e-3;
  std::uint64_t seed = 1;
  ProgressFn progress;
  std::stop_token stop;
};

// Uses a fitted decoder for the conditions and the scaling of what is seen.
class Embedder {
 public:
  Embedder(const Decoder& observer, bool shallow);

  // Learns to tell the views' people apart, under all conditions, with fresh noise at every step:
  // softmax over the cosines to one direction a person. Throws kUnavailable when stopped.
  void train(const std::vector<Scene>& views, const EmbedderTraining& options);

  // Rows of length 1, of observations under the condition; each scene has an alignment.
  torch::Tensor embed(const std::vector<Scene>& scenes, const std::vector<torch::Tensor>& observed,
                      std::size_t condition);

 private:
  torch::Tensor cells_of(const torch::Tensor& observed, const Scene& scene) const;
  torch::Tensor levels(const std::vector<std::size_t>& conditions) const;

  const Decoder& observer_;
  bool shallow_;
  EmbedderNetwork network_{nullptr};
};

}  // namespace scrim
