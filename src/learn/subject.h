// The network that is learned, in three parts: trunk, middle, tail.
#pragma once

#include <scrim/release.h>

#include "learn/code.h"
#include "learn/task.h"
#include "network/encoder.h"

#include <torch/torch.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace scrim {

// What a stage trains: tensors that take gradients, and the batch-norm buffers that move with them.
struct Trainable {
  std::vector<torch::Tensor> parameters;
  std::vector<torch::Tensor> buffers;
};

// A file that Network::load reads: its bytes and the name that tells its format.
struct CleanNetwork {
  std::string name;  // as in "adapted.safetensors"
  std::string bytes;
};

// image -> trunk (never trained, its output is cached) -> middle (adapted, then frozen) -> the
// activation z that crosses the cut -> tail (adapted, then trained under noise) -> outputs.
class Subject {
 public:
  // FaceBoxes or the small classifier as safetensors, or one TorchScript file, cut at `split_point`
  // (empty for the default of Network::load). `task` is the name of what it answers. Throws
  // kNotFound, kCorrupt, kUnsupported.
  static std::unique_ptr<Subject> open(const std::filesystem::path& weights,
                                       const std::string& split_point, const std::string& task);
  // A TorchScript pair that was cut elsewhere: all of the head is trunk.
  static std::unique_ptr<Subject> open_pair(const std::filesystem::path& head,
                                            const std::filesystem::path& tail,
                                            const std::string& task);
  virtual ~Subject() = default;

  virtual torch::Tensor trunk(const torch::Tensor& input) = 0;
  virtual torch::Tensor middle(const torch::Tensor& trunk_activation) = 0;
  // What the task's loss takes: logits where a network that serves returns probabilities.
  virtual Outputs tail(const torch::Tensor& activation) = 0;
  // tail(decoded(arrived)), or the same up to rounding in less time.
  virtual Outputs tail(const Arrived& arrived) { return tail(decoded(arrived)); }

  // The tail as it is now, for inference: a copy that no later training changes, without gradient.
  using FrozenTail = std::function<Outputs(const torch::Tensor& activation)>;
  virtual FrozenTail frozen_tail() const = 0;

  // Puts the parts into training or inference mode and returns what is to be trained.
  virtual Trainable train_middle_and_tail() = 0;
  virtual Trainable train_tail() = 0;
  virtual void freeze() = 0;

  // Batch norms use their running statistics while this lives; what is trained stays as it is.
  class InferenceMode {
   public:
    explicit InferenceMode(Subject& subject) : subject_(subject), before_(subject.set_modes({})) {}
    ~InferenceMode() { subject_.set_modes(before_); }
    InferenceMode(const InferenceMode&) = delete;
    InferenceMode& operator=(const InferenceMode&) = delete;

   private:
    Subject& subject_;
    std::vector<bool> before_;
  };

  virtual std::string model() const = 0;
  virtual std::string split_point() const = 0;  // "head" for a pair
  // The names of a classifier's classes in the order of its outputs, if its weights hold them.
  virtual std::vector<std::string> classes() const { return {}; }
  virtual std::int64_t stride() const = 0;  // input pixels a cell, each way
  // The clean network as it is now, in a file of its own.
  virtual CleanNetwork clean_network() const = 0;
  // All weights to this device; the export needs them on the CPU.
  virtual void to(torch::Device device) = 0;
  // Each half as TorchScript with the code of the noise folded in, and in the head, before the
  // code, the encoder unless it is null.
  virtual void export_head(const NoiseParameters& code, const std::filesystem::path& path,
                           const Encoder& encoder) = 0;
  virtual void export_tail(const NoiseParameters& code, const std::filesystem::path& path) = 0;

 private:
  // Whether each of its parts is in training mode; all are left out of it if `modes` is empty.
  // Returns the modes before.
  virtual std::vector<bool> set_modes(const std::vector<bool>& modes) = 0;
};

}  // namespace scrim
