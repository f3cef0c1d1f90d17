#include "audit/recogniser.h"

#include "base/check.h"

#include <torch/nn/functional/vision.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <string>

namespace scrim {
namespace {

constexpr double kEpsilon = 1e-5;  // of the batch normalisation
constexpr int kBottlenecks = 15;

// (expansion, channels, repeats, stride of the first): table 1 of the paper.
struct Stage {
  int repeats;
  std::int64_t stride;
};
constexpr Stage kStages[] = {{5, 2}, {1, 2}, {6, 1}, {1, 2}, {2, 1}};

at::Tensor tensor_of(const Safetensors& weights, const std::string& name) {
  const Tensor& ours = weights.at(name);
  const bool finite = std::all_of(ours.values.begin(), ours.values.end(),
                                  [](float value) { return std::isfinite(value); });
  if (!finite) fail(ErrorCode::kCorrupt, "weight '", name, "' holds a value that is not finite");
  return torch::from_blob(const_cast<float*>(ours.values.data()), ours.shape, torch::kFloat32)
      .clone();
}

struct Folded {
  at::Tensor weight, bias;
};

// A convolution without bias, and the batch normalisation after it, as one convolution.
Folded folded(const Safetensors& weights, const std::string& conv, const std::string& norm) {
  const at::Tensor weight = tensor_of(weights, conv + ".weight");
  const at::Tensor variance = tensor_of(weights, norm + ".running_var");
  if (weight.dim() != 4 || variance.dim() != 1 || weight.size(0) != variance.size(0)) {
    fail(ErrorCode::kCorrupt, "weights '", conv, "' and '", norm, "' do not fit together");
  }
  const at::Tensor factor = tensor_of(weights, norm + ".weight") / torch::sqrt(variance + kEpsilon);
  const at::Tensor bias =
      tensor_of(weights, norm + ".bias") - tensor_of(weights, norm + ".running_mean") * factor;
  return {weight * factor.view({-1, 1, 1, 1}), bias};
}

// As the network was trained: R, G, B in about -1 to 1.
at::Tensor to_rgb(const at::Tensor& faces) {
  check(faces.dim() == 4 && faces.size(1) == 3 && faces.size(2) == kTemplateHeight &&
            faces.size(3) == kTemplateWidth,
        "the recogniser takes faces of 3 x ", kTemplateHeight, " x ", kTemplateWidth);
  return (faces.flip(1) - 127.5) / 128;
}

}  // namespace

at::Tensor of_length_one(const at::Tensor& rows) {
  return rows / rows.norm(2, 1, true).clamp_min(1e-12);
}

Recogniser::Recogniser(const Safetensors& weights) {
  const auto add = [&](const std::string& conv, const std::string& norm, const std::string& prelu,
                       std::int64_t stride, std::int64_t padding, bool depthwise) {
    const Folded both = folded(weights, conv, norm);
    Layer layer;
    layer.weight = both.weight;
    layer.bias = both.bias;
    if (!prelu.empty()) layer.slope = tensor_of(weights, prelu + ".weight");
    layer.stride = stride;
    layer.padding = padding;
    layer.groups = depthwise ? both.weight.size(0) : 1;
    layers_.push_back(layer);
  };
  const auto add_unit = [&](const std::string& name, bool prelu, std::int64_t stride,
                            std::int64_t padding, bool depthwise) {
    add(name + ".conv", name + ".bn", prelu ? name + ".prelu" : "", stride, padding, depthwise);
  };
  add_unit("conv1", true, 2, 1, false);
  add_unit("dw_conv1", true, 1, 1, true);
  int number = 0;
  for (const Stage& stage : kStages) {
    for (int repeat = 0; repeat < stage.repeats; ++repeat, ++number) {
      const std::string block = "blocks." + std::to_string(number) + ".conv.";
      const std::int64_t stride = repeat == 0 ? stage.stride : 1;
      const std::size_t first = layers_.size();
      add(block + "0", block + "1", block + "2", 1, 0, false);
      add(block + "3", block + "4", block + "5", stride, 1, true);
      add(block + "6", block + "7", "", 1, 0, false);
      const bool residual =
          stride == 1 && layers_[first].weight.size(1) == layers_.back().weight.size(0);
      layers_[first].begins_residual = layers_.back().ends_residual = residual;
    }
  }
  check(number == kBottlenecks, "MobileFaceNet has ", kBottlenecks, " blocks, got ", number);
  add_unit("conv2", true, 1, 0, false);
  add_unit("linear7", false, 1, 0, true);
  add_unit("linear1", false, 1, 0, false);
}

Recogniser Recogniser::load(const std::filesystem::path& path) {
  const Safetensors weights = read_safetensors(path);
  try {
    return Recogniser(weights);
  } catch (const Error& error) {
    fail(error.code(), path.string(), " does not hold MobileFaceNet: ", error.what());
  } catch (const c10::Error&) {
    fail(ErrorCode::kCorrupt, path.string(),
         " does not hold MobileFaceNet: a weight has another shape");
  }
}

at::Tensor Recogniser::run(at::Tensor x) const {
  at::Tensor kept;
  for (const Layer& layer : layers_) {
    if (layer.begins_residual) kept = x;
    const std::vector<std::int64_t> stride(2, layer.stride), padding(2, layer.padding);
    x = at::conv2d(x, layer.weight, layer.bias, stride, padding, {1, 1}, layer.groups);
    if (layer.slope.defined()) x = at::prelu(x, layer.slope);
    if (layer.ends_residual) x = x + kept;
  }
  return x.flatten(1);
}

at::Tensor Recogniser::features(const at::Tensor& faces) const {
  const at::Tensor x = to_rgb(faces);
  const at::Tensor both = run(torch::cat({x, x.flip(3)}));
  const std::int64_t count = faces.size(0);
  return of_length_one(torch::cat({both.narrow(0, 0, count), both.narrow(0, count, count)}, 1));
}

at::Tensor Recogniser::embeddings(const at::Tensor& faces) const {
  return of_length_one(run(to_rgb(faces)));
}

at::Tensor Recogniser::aligned(const at::Tensor& picture, const Similarity& s) {
  const auto u = torch::arange(kTemplateWidth, torch::kFloat32).view({1, -1});
  const auto v = torch::arange(kTemplateHeight, torch::kFloat32).view({-1, 1});
  const auto x = s.a * u - s.b * v + s.x;
  const auto y = s.b * u + s.a * v + s.y;
  // To grid_sample's coordinates: -1 and 1 are the centres of the first and the last pixel.
  const auto share = [](const at::Tensor& at_pixel, std::int64_t size) {
    return at_pixel * (2.0 / static_cast<double>(std::max<std::int64_t>(size - 1, 1))) - 1;
  };
  const auto grid = torch::stack({share(x, picture.size(3)), share(y, picture.size(2))}, 2);
  return torch::nn::functional::grid_sample(picture, grid.unsqueeze(0),
                                            torch::nn::functional::GridSampleFuncOptions()
                                                .mode(torch::kBilinear)
                                                .padding_mode(torch::kBorder)
                                                .align_corners(true));
}

}  // namespace scrim
