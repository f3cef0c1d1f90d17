#include "network/weight_file.h"

#include "base/check.h"
#include "base/shape_text.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace scrim {
namespace {

// Parameters and buffers under one map of names; the tensors share the network's memory.
std::map<std::string, torch::Tensor> tensors_of(const torch::nn::Module& network) {
  std::map<std::string, torch::Tensor> tensors;
  for (const auto& item : network.named_parameters()) tensors[item.key()] = item.value();
  for (const auto& item : network.named_buffers()) tensors[item.key()] = item.value();
  return tensors;
}

std::string weight_shape(const Shape& shape) {
  return shape.empty() ? "a scalar" : shape_text(shape);
}

void check_weight(const std::string& name, const torch::Tensor& ours, const Tensor& theirs,
                  const std::string& what) {
  if (ours.sizes() != torch::IntArrayRef(theirs.shape)) {
    fail(ErrorCode::kCorrupt, "weight '", name, "' is ", weight_shape(theirs.shape), ", ", what,
         " needs ", weight_shape(ours.sizes().vec()));
  }
  const bool finite = std::all_of(theirs.values.begin(), theirs.values.end(),
                                  [](float value) { return std::isfinite(value); });
  if (!finite) fail(ErrorCode::kCorrupt, "weight '", name, "' holds a value that is not finite");
}

}  // namespace

void copy_weights(torch::nn::Module& network, const Safetensors& weights, const std::string& what) {
  const auto tensors = tensors_of(network);
  for (const auto& [name, ours] : tensors) check_weight(name, ours, weights.at(name), what);
  for (const auto& [name, theirs] : weights.tensors) {
    if (!tensors.contains(name)) fail(ErrorCode::kCorrupt, what, " has no weight '", name, "'");
  }
  const torch::NoGradGuard no_grad;
  for (const auto& [name, ours] : tensors) {
    std::vector<float> values = weights.at(name).values;
    torch::Tensor(ours).copy_(torch::from_blob(values.data(), ours.sizes(), torch::kFloat32));
  }
}

Safetensors weights_of(const torch::nn::Module& network) {
  Safetensors weights;
  for (const auto& [name, ours] : tensors_of(network)) {
    const torch::Tensor flat = ours.detach().to(torch::kCPU, torch::kFloat32).contiguous();
    const float* values = flat.data_ptr<float>();
    weights.tensors[name] = Tensor{flat.sizes().vec(), {values, values + flat.numel()}};
  }
  return weights;
}

}  // namespace scrim
