// A network in memory: whole, or cut into a head and a tail.
#pragma once

#include <scrim/activation.h>
#include <scrim/release.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace scrim {

// How a network is prepared before it runs.
struct NetworkOptions {
  // A module whose single output crosses the cut; empty for the network's own default: conv4 of
  // the small classifier, inception3 of all others.
  std::string split_point = {};
  // below: affects time only
  int threads = 2;  // of the tensor library, for one call; callers in threads of their own add up
  bool prepared = true;  // false runs the layers as they are written, as a reference
};

// A clean network with the place where it is cut. Immutable; threads may share one.
//
// A .safetensors file holds the weights of FaceBoxes or of the small classifier; a .pt file holds
// any TorchScript module. Exactly one tensor crosses the cut.
class Network {
 public:
  // Throws kNotFound (file, or no module of that name), kCorrupt (not these formats, a missing or
  // extra tensor, a NaN), kUnsupported (more than one tensor crosses the cut).
  static Network load(const std::filesystem::path& weights, NetworkOptions options = {});
  // A TorchScript head and tail that were cut elsewhere.
  static Network load(const std::filesystem::path& head, const std::filesystem::path& tail,
                      NetworkOptions options = {});

  // input: N x 3 x H x W, after the subtraction of the mean. Returns the network's outputs in
  // order; for FaceBoxes loc (N x priors x 4) and conf (N x priors x 2, softmax applied), for a
  // classifier logits (N x classes). Throws
  // kInvalidArgument on another shape or a value that is not finite, kCorrupt if one that is not
  // finite comes out, kUnavailable when memory runs out; so do all runs below.
  std::vector<Tensor> operator()(const Tensor& input) const;
  // The two halves; tail(head(x)) equals the whole.
  Activation head(const Tensor& input) const;
  std::vector<Tensor> tail(const Activation& clean_activation) const;

  const NetworkOptions& options() const;  // with the split point that was chosen
  // "faceboxes", "classifier" or "torchscript".
  const std::string& model() const;
  // The names of a classifier's classes, if its weights hold them.
  const std::vector<std::string>& classes() const;
  // Writes both halves as TorchScript, loadable by any PyTorch from 1.13 on.
  void export_torchscript(const std::filesystem::path& head,
                          const std::filesystem::path& tail) const;

 private:
  struct Impl;
  explicit Network(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// The trusted side of a release. Threads may share one.
class Head {
 public:
  // The split point is the release's. Throws kCorrupt if the head is not the file that the release
  // was sealed with.
  static Head open(const Release& release, NetworkOptions options = {});
  // N x 3 x H x W -> N x K x H/stride x W/stride, K the directions of the release. Throws kCorrupt
  // if anything else, or a value that is not finite, comes out: nothing of that kind goes on.
  Activation operator()(const Tensor& input) const;

 private:
  struct Impl;
  explicit Head(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// The other side of a release: sees what a Noise returned and nothing else. Threads may share one.
class Tail {
 public:
  // Throws as Head::open does.
  static Tail open(const Release& release, NetworkOptions options = {});
  // Throws kInvalidArgument on a noisy activation of another release.
  std::vector<Tensor> operator()(const NoisyActivation& noisy_activation) const;

 private:
  struct Impl;
  explicit Tail(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

// An input of a tail that reads a wire: N x directions x H x W.
struct WireInput {
  std::string datatype;  // "FP16", "INT8" or "INT16", as the Open Inference Protocol names it
  std::int64_t directions = 0;
};

// Writes the tail of a release as TorchScript that takes the codes of a wire at one of its alphas,
// and decodes them inside: any server of TorchScript then answers to half or a quarter of the
// bytes, and its outputs are FP16, held to +-65504. Directions that carry nothing are left out, and
// on kInt8 those of a high signal-to-noise ratio come in an input of their own. Returns the inputs
// in order.
//
// Throws kInvalidArgument for kFp32, which the release's own tail takes, and an alpha that the
// release does not list; kCorrupt and kUnavailable as Tail::open and a write do.
std::vector<WireInput> export_wire_tail(const Release& release, double alpha, WireType wire,
                                        const std::filesystem::path& path);

}  // namespace scrim
