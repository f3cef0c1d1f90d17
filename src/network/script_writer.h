// Writes the forward of a TorchScript module, one line a layer, with its weights.
#pragma once

#include <torch/csrc/jit/api/module.h>
#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace scrim {

// A convolution with a square kernel that keeps or divides the size: weight O x I x k x k, bias O.
struct Convolution {
  torch::Tensor weight;
  torch::Tensor bias;
  std::int64_t stride = 1;
  std::int64_t padding = 0;
};

// Every call adds one line and returns the name of its result; the input is kInput. Sizes are
// never written as constants, so the module takes any batch and any picture size.
class ScriptWriter {
 public:
  static constexpr const char* kInput = "x";

  explicit ScriptWriter(const std::string& class_name);

  std::string convolution(const std::string& x, const Convolution& layer);
  std::string relu(const std::string& x);
  std::string negative(const std::string& x);
  // 3x3, stride 2, padding 1, sizes rounded down.
  std::string max_pool(const std::string& x);
  // 3x3, stride 1, padding 1, always divided by 9.
  std::string average_pool(const std::string& x);
  std::string add(const std::string& x, const std::string& y);
  // x plus one number a channel.
  std::string add_per_channel(const std::string& x, const torch::Tensor& bias);
  std::string concatenate(const std::vector<std::string>& parts, int dimension);
  // Channels first to end - 1.
  std::string channels(const std::string& x, std::int64_t first, std::int64_t end);
  // N x (boxes * values) x H x W -> N x (H * W * boxes) x values: row-major cells, boxes inside.
  std::string flatten_cells(const std::string& x, std::int64_t values);
  std::string sigmoid(const std::string& x);
  // N x C x H x W -> N x C.
  std::string mean_over_cells(const std::string& x);

  // The module; with more than one result it returns a tuple. The writer is then used up.
  torch::jit::Module finish(const std::vector<std::string>& results);

 private:
  std::string line(const std::string& expression);
  std::string weight(const torch::Tensor& values);

  torch::jit::Module module_;
  std::string body_;
  int names_ = 0;
};

}  // namespace scrim
