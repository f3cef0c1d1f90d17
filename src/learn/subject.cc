#include "learn/subject.h"

#include "base/check.h"
#include "learn/subjects.h"

namespace scrim {
namespace {

constexpr const char* kDefaultSplitPoint = "inception3";

}  // namespace

std::unique_ptr<Subject> Subject::open(const std::filesystem::path& weights,
                                       const std::string& split_point, const std::string& task) {
  if (!std::filesystem::exists(weights)) fail(ErrorCode::kNotFound, "no file ", weights.string());
  const std::string point = split_point.empty() ? kDefaultSplitPoint : split_point;
  if (weights.extension() == ".safetensors") {
    const bool detects = task == "face-detection";
    return detects ? open_faceboxes(weights, point) : open_small_classifier(weights, split_point);
  }
  if (weights.extension() == ".pt") return open_torchscript(weights, point, task);
  fail(ErrorCode::kUnsupported, "weights must be a .safetensors or a .pt file, got ",
       weights.filename().string());
}

std::unique_ptr<Subject> Subject::open_pair(const std::filesystem::path& head,
                                            const std::filesystem::path& tail,
                                            const std::string& task) {
  return open_torchscript_pair(head, tail, task);
}

void choose(torch::nn::Module& module, bool chosen, Trainable& trained) {
  module.train(chosen);
  for (auto& parameter : module.parameters()) {
    parameter.set_requires_grad(chosen);
    if (chosen) trained.parameters.push_back(parameter);
  }
  if (!chosen) return;
  for (const auto& buffer : module.buffers()) trained.buffers.push_back(buffer);
}

void copy_state(const torch::nn::Module& network, torch::nn::Module& copy) {
  const torch::NoGradGuard no_grad;
  copy.to(network.parameters().front().device());
  const auto copy_all = [](const std::vector<torch::Tensor>& from, std::vector<torch::Tensor> to) {
    for (std::size_t i = 0; i < from.size(); ++i) to[i].copy_(from[i]);
  };
  copy_all(network.parameters(), copy.parameters());
  copy_all(network.buffers(), copy.buffers());
  copy.eval();
}

std::vector<bool> exchange_modes(torch::nn::Module& network, const std::vector<bool>& modes) {
  std::vector<bool> before;
  for (const auto& child : network.children()) {
    const bool training = !modes.empty() && modes[before.size()];
    before.push_back(child->is_training());
    child->train(training);
  }
  return before;
}

}  // namespace scrim
