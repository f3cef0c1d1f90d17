// What reads the cells below faces: the network of the attackers that rebuild no picture.
#pragma once

#include "audit/decoder.h"

#include <scrim/status.h>

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>

#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace scrim {

// Cells below an aligned face in, numbers out.
struct FaceReaderNetworkImpl : torch::nn::Module {
  FaceReaderNetworkImpl(std::int64_t channels, std::int64_t numbers);
  // cells: B x channels x kRows x kColumns; level: B, logit(alpha) / 3. Returns B x numbers.
  torch::Tensor forward(const torch::Tensor& cells, const torch::Tensor& level);

  // Places that are looked at: 16 template pixels apart.
  static constexpr std::int64_t kRows = 7, kColumns = 6;

  torch::nn::Conv2d first{nullptr}, second{nullptr};
  torch::nn::Linear last{nullptr};
};
TORCH_MODULE(FaceReaderNetwork);

// A face in an activation without noise. What is pointed at outlives it.
struct FaceInView {
  const Tensor* activation = nullptr;
  Similarity alignment;    // template to pixels of the target
  std::int64_t shown = 0;  // what is to be learned of it: a number from 0
};

struct ReaderTraining {
  std::string name;  // shown in progress
  int steps = 400;
  int batch = 32;
  double rate = 2e-3;
  std::uint64_t seed = 1;
  ProgressFn progress = {};
  std::stop_token stop = {};
};

// Uses a fitted decoder for the conditions and the scaling of what is seen; it outlives the reader.
class FaceReader {
 public:
  FaceReader(const Decoder& observer, std::int64_t numbers);

  // outputs: B x numbers; shown: B. A scalar with gradient.
  using Loss =
      std::function<torch::Tensor(const torch::Tensor& outputs, const torch::Tensor& shown)>;
  // Starts anew and learns under all conditions, with fresh noise at every step; what is to be
  // learned comes equally often whatever number of faces shows it. `others` are trained with the
  // network. Throws kInvalidArgument without faces, kUnavailable when stopped.
  void train(const std::vector<FaceInView>& faces, const Loss& loss,
             const std::vector<torch::Tensor>& others, const ReaderTraining& options);

  // A face and the observation it is in, made under one condition.
  struct Observed {
    torch::Tensor seen;  // 1 x channels x h x w
    Similarity alignment;
  };
  // Rows in the order of the faces, of which there is at least one; no gradient.
  torch::Tensor read(const std::vector<Observed>& faces, std::size_t condition);

 private:
  torch::Tensor cells_of(const torch::Tensor& observed, const Similarity& alignment) const;
  torch::Tensor levels(const std::vector<std::size_t>& conditions) const;

  const Decoder& observer_;
  std::int64_t numbers_;
  FaceReaderNetwork network_{nullptr};
};

}  // namespace scrim
