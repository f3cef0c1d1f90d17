// The network that is learned, in three parts: trunk, middle, tail.
#pragma once

#include <scrim/release.h>

#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scrim {

// What a stage trains: tensors that take gradients, and the batch-norm buffers that move with them.
struct Trainable {
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> buffers;
};

// image -> trunk (never trained, its output is cached) -> middle (adapted, then frozen) -> the
// activation z that crosses the cut -> tail (adapted, then trained under noise) -> outputs.
class Subject {
 public:
  // FaceBoxes as safetensors, or one TorchScript file cut at `split_point`.
  // Throws kNotFound, kCorrupt, kUnsupported.
  static std::unique_ptr<Subject> open(const std::filesystem::path& weights,
                                       const std::string& split_point);
  // A TorchScript pair that was cut elsewhere: all of the head is trunk.
  static std::unique_ptr<Subject> open_pair(const std::filesystem::path& head,
                                            const std::filesystem::path& tail);
  virtual ~Subject() = default;

  virtual torch::Tensor trunk(const torch::Tensor& input) = 0;
  virtual torch::Tensor middle(const torch::Tensor& trunk_activation) = 0;
  // loc: N x P x 4, logits: N x P x 2.
  virtual std::pair<torch::Tensor, torch::Tensor> tail(const torch::Tensor& activation) = 0;

  // Puts the parts into training or inference mode and returns what is to be trained.
  virtual Trainable train_middle_and_tail() = 0;
  virtual Trainable train_tail() = 0;
  virtual void freeze() = 0;

  virtual std::string model() const = 0;
  virtual std::int64_t stride() const = 0;  // input pixels a cell, each way
  // The clean network as it is now, in the bytes of its own file format; none for a pair.
  virtual std::optional<std::string> clean_weights() const = 0;
  // Writes head and tail as TorchScript with the code of the noise folded in.
  virtual void export_halves(const NoiseParameters& noise, const std::filesystem::path& head,
                             const std::filesystem::path& tail) = 0;
};

}  // namespace scrim
