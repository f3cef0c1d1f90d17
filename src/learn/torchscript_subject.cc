#include "learn/subjects.h"

#include "base/check.h"
#include "network/script_cut.h"
#include "network/script_file.h"
#include "network/torch_error.h"

#include <torch/script.h>

#include <sstream>

namespace scrim {
namespace {

constexpr double kSmallestProbability = 1e-12;
constexpr std::int64_t kProbe = 512;  // pixels of the picture that the stride is measured with

// forward(x) = conv2d(part(x)) or part(conv2d(x)) with a 1x1 convolution: the code, beside what it
// is folded to.
torch::jit::Module with_code(const std::string& class_name, const torch::jit::Module& part,
                             const torch::Tensor& weight, const torch::Tensor& bias,
                             const std::string& body) {
  torch::jit::Module whole(class_name);
  whole.register_module("part", part);
  whole.register_buffer("weight", weight.unsqueeze(2).unsqueeze(3).contiguous());
  whole.register_buffer("bias", bias);
  whole.define("def forward(self, x):\n  return " + body + "\n");
  whole.eval();
  return whole;
}

// forward(x) = second(first(x)).
torch::jit::Module chained(const torch::jit::Module& first, const torch::jit::Module& second) {
  torch::jit::Module whole("Chain");
  whole.register_module("first", first);
  whole.register_module("second", second);
  whole.define("def forward(self, x):\n  return self.second.forward(self.first.forward(x))\n");
  whole.eval();
  return whole;
}

// What the task's loss takes, of what a tail returned.
Outputs outputs_of(const c10::IValue& returned, bool detects) {
  if (!detects) {
    check(returned.isTensor(), "the tail must return one tensor, the logits of the classes");
    return {returned.toTensor()};
  }
  const auto outputs = returned.toTuple()->elements();
  check(outputs.size() == 2 && outputs[0].isTensor() && outputs[1].isTensor(),
        "the tail must return two tensors (boxes, probabilities), got ", outputs.size());
  // The second is a probability; its logarithm is a logit of the same softmax.
  return {outputs[0].toTensor(), outputs[1].toTensor().clamp_min(kSmallestProbability).log()};
}

// A head that is used as it is, and a tail whose parameters are trained.
class TorchScriptSubject final : public Subject {
 public:
  using Subject::tail;

  TorchScriptSubject(torch::jit::Module head, torch::jit::Module tail, std::string split_point,
                     bool detects)
      : head_(std::move(head)),
        tail_(std::move(tail)),
        split_point_(std::move(split_point)),
        detects_(detects) {
    head_.eval();
    for (auto parameter : head_.parameters()) parameter.set_requires_grad(false);
    freeze();
    with_our_errors(ErrorCode::kUnsupported, "the TorchScript head and tail do not fit together",
                    [this] { measure_stride(); });
  }

  torch::Tensor trunk(const torch::Tensor& input) override {
    return head_.forward({input}).toTensor();
  }
  torch::Tensor middle(const torch::Tensor& trunk_activation) override { return trunk_activation; }

  Outputs tail(const torch::Tensor& activation) override {
    return outputs_of(tail_.forward({activation}), detects_);
  }

  FrozenTail frozen_tail() const override {
    const torch::NoGradGuard no_grad;
    torch::jit::Module copy = tail_.deepcopy();
    copy.eval();
    return [copy, detects = detects_](const torch::Tensor& activation) mutable {
      const torch::NoGradGuard without_gradient;
      return outputs_of(copy.forward({activation}), detects);
    };
  }

  Trainable train_middle_and_tail() override { return train_tail(); }

  Trainable train_tail() override {
    tail_.train();
    Trainable trained;
    for (auto parameter : tail_.parameters()) {
      parameter.set_requires_grad(true);
      trained.parameters.push_back(parameter);
    }
    for (const auto& buffer : tail_.buffers()) trained.buffers.push_back(buffer);
    if (trained.parameters.empty()) {
      fail(ErrorCode::kUnsupported,
           "the tail has no parameter to train: it was frozen before it was saved");
    }
    return trained;
  }

  void freeze() override {
    tail_.eval();
    for (auto parameter : tail_.parameters()) parameter.set_requires_grad(false);
  }

  std::string model() const override { return "torchscript"; }
  std::string split_point() const override { return split_point_; }
  std::int64_t stride() const override { return stride_; }
  CleanNetwork clean_network() const override {
    std::ostringstream bytes;
    chained(head_, tail_).save(bytes);
    return {"adapted.pt", bytes.str()};
  }
  void to(torch::Device device) override {
    head_.to(device);
    tail_.to(device);
  }

  void export_head(const NoiseParameters& code, const std::filesystem::path& path,
                   const Encoder& encoder) override {
    const auto mean = torch::tensor(code.mean);
    const auto basis = torch::tensor(code.basis).view({code.directions, code.channels});
    save_script(with_code("CodedHead", encoder ? chained(head_, script_encoder(encoder)) : head_,
                          basis, -torch::mv(basis, mean),
                          "torch.conv2d(self.part.forward(x), self.weight, self.bias)"),
                path);
  }
  void export_tail(const NoiseParameters& code, const std::filesystem::path& path) override {
    const auto decode = torch::tensor(code.decode).view({code.channels, code.directions});
    save_script(with_code("CodedTail", tail_, decode, torch::tensor(code.mean),
                          "self.part.forward(torch.conv2d(x, self.weight, self.bias))"),
                path);
  }

 private:
  std::vector<bool> set_modes(const std::vector<bool>& modes) override {
    const bool before = tail_.is_training();
    tail_.train(!modes.empty() && modes.front());
    return {before};
  }

  void measure_stride() {
    torch::NoGradGuard no_grad;
    const auto activation = trunk(torch::zeros({1, 3, kProbe, kProbe}));
    if (activation.dim() != 4) {
      fail(ErrorCode::kUnsupported, "the head must return N x C x H x W, got ", activation.dim(),
           " dimensions");
    }
    stride_ = kProbe / activation.size(3);
    tail(activation);
  }

  torch::jit::Module head_;
  torch::jit::Module tail_;
  std::string split_point_;
  bool detects_;  // or classifies
  std::int64_t stride_ = 0;
};

bool detects(const std::string& task) { return task == "face-detection"; }

}  // namespace

std::unique_ptr<Subject> open_torchscript(const std::filesystem::path& file,
                                          const std::string& split_point, const std::string& task) {
  ScriptHalves halves = cut_script(load_script(file), split_point);
  return std::make_unique<TorchScriptSubject>(std::move(halves.head), std::move(halves.tail),
                                              split_point, detects(task));
}

std::unique_ptr<Subject> open_torchscript_pair(const std::filesystem::path& head,
                                               const std::filesystem::path& tail,
                                               const std::string& task) {
  return std::make_unique<TorchScriptSubject>(load_script(head), load_script(tail), "head",
                                              detects(task));
}

}  // namespace scrim
