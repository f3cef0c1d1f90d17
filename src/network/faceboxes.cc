#include "network/faceboxes.h"

#include "base/check.h"
#include "network/weight_file.h"

#include <torch/nn/functional.h>
#include <torch/nn/init.h>

#include <algorithm>

namespace scrim {
namespace {

namespace F = torch::nn::functional;
namespace nn = torch::nn;

struct StageFacts {
  std::string_view name;
  std::int64_t channels;
  std::int64_t stride;
};

constexpr StageFacts kStages[] = {
    {"conv1", 48, 4},        {"pool1", 48, 8},        {"conv2", 128, 16},      {"pool2", 128, 32},
    {"inception1", 128, 32}, {"inception2", 128, 32}, {"inception3", 128, 32},
};

// Boxes per cell on each scale: 16 + 4 + 1 on the first, one on the others.
constexpr std::int64_t kBoxes[] = {21, 1, 1};
constexpr std::int64_t kScaleChannels[] = {128, 256, 256};

std::size_t stage_index(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kStages); ++i) {
    if (kStages[i].name == name) return i;
  }
  std::string names;
  for (const StageFacts& stage : kStages)
    names += (names.empty() ? "" : ", ") + std::string(stage.name);
  fail(ErrorCode::kNotFound, "FaceBoxes has no split point named '", name, "'; it has ", names);
}

torch::Tensor halve(const torch::Tensor& x) {
  return torch::max_pool2d(x, 3, /*stride=*/2, /*padding=*/1);
}

// N x (boxes * values) x H x W -> N x (H * W * boxes) x values: row-major cells, boxes inside.
torch::Tensor flatten_cells(const torch::Tensor& x, std::int64_t values) {
  return x.permute({0, 2, 3, 1}).reshape({x.size(0), -1, values});
}

torch::Tensor apply_scale(nn::ModuleList& layers, std::size_t scale, const torch::Tensor& x,
                          std::int64_t values) {
  return flatten_cells(layers->at<nn::Conv2dImpl>(scale).forward(x), values);
}

// The convolution of mean + decode y, padded with zeros to keep the size: the kernel times decode
// meets y, and the mean leaves one picture of constants, other at the border than inside.
torch::Tensor coded_convolution(const FaceBoxesImpl::Coded& activation, const torch::Tensor& kernel,
                                const torch::Tensor& bias) {
  const auto& [y, decode, mean] = activation;
  const std::int64_t padding = kernel.size(2) / 2;
  const auto narrow = torch::matmul(kernel.permute({0, 2, 3, 1}), decode).permute({0, 3, 1, 2});
  const auto constants = mean.view({1, -1, 1, 1}).expand({1, -1, y.size(2), y.size(3)});
  return torch::conv2d(y, narrow, {}, 1, padding) +
         torch::conv2d(constants, kernel, bias, 1, padding);
}

nn::ModuleList output_layers(std::int64_t values) {
  nn::ModuleList layers;
  for (std::size_t scale = 0; scale < std::size(kBoxes); ++scale) {
    nn::Conv2d layer(
        nn::Conv2dOptions(kScaleChannels[scale], kBoxes[scale] * values, 3).padding(1));
    nn::init::normal_(layer->weight, 0.0, 0.01);
    nn::init::zeros_(layer->bias);
    layers->push_back(layer);
  }
  return layers;
}

}  // namespace

InceptionImpl::InceptionImpl()
    : branch1x1(register_module("branch1x1", ConvUnit(128, 32, 1))),
      branch1x1_2(register_module("branch1x1_2", ConvUnit(128, 32, 1))),
      branch3x3_reduce(register_module("branch3x3_reduce", ConvUnit(128, 24, 1))),
      branch3x3(register_module("branch3x3", ConvUnit(24, 32, 3, 1, 1))),
      branch3x3_reduce_2(register_module("branch3x3_reduce_2", ConvUnit(128, 24, 1))),
      branch3x3_2(register_module("branch3x3_2", ConvUnit(24, 32, 3, 1, 1))),
      branch3x3_3(register_module("branch3x3_3", ConvUnit(32, 32, 3, 1, 1))) {}

torch::Tensor InceptionImpl::forward(const torch::Tensor& x) {
  // The average counts the padding: it divides by 9 at the borders too.
  const torch::Tensor pooled =
      F::avg_pool2d(x, F::AvgPool2dFuncOptions(3).stride(1).padding(1).count_include_pad(true));
  return torch::cat({branch1x1(x), branch1x1_2(pooled), branch3x3(branch3x3_reduce(x)),
                     branch3x3_3(branch3x3_2(branch3x3_reduce_2(x)))},
                    1);
}

FaceBoxesImpl::FaceBoxesImpl()
    : conv1(register_module("conv1", ConvUnit(3, 24, 7, 4, 3))),
      conv2(register_module("conv2", ConvUnit(48, 64, 5, 2, 2))),
      inception1(register_module("inception1", Inception())),
      inception2(register_module("inception2", Inception())),
      inception3(register_module("inception3", Inception())),
      conv3_1(register_module("conv3_1", ConvUnit(128, 128, 1))),
      conv3_2(register_module("conv3_2", ConvUnit(128, 256, 3, 2, 1))),
      conv4_1(register_module("conv4_1", ConvUnit(256, 128, 1))),
      conv4_2(register_module("conv4_2", ConvUnit(128, 256, 3, 2, 1))),
      loc(register_module("loc", output_layers(4))),
      conf(register_module("conf", output_layers(2))) {}

const std::vector<std::string>& FaceBoxesImpl::split_points() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const StageFacts& stage : kStages) list.emplace_back(stage.name);
    return list;
  }();
  return names;
}

bool FaceBoxesImpl::has_split_point(std::string_view name) {
  return std::any_of(std::begin(kStages), std::end(kStages),
                     [name](const StageFacts& stage) { return stage.name == name; });
}

std::int64_t FaceBoxesImpl::channels_at(std::string_view split_point) {
  return kStages[stage_index(split_point)].channels;
}

std::int64_t FaceBoxesImpl::stride_at(std::string_view split_point) {
  return kStages[stage_index(split_point)].stride;
}

torch::Tensor FaceBoxesImpl::head(const torch::Tensor& x, std::string_view split_point) {
  return run_stages(x, 0, stage_index(split_point) + 1);
}

LocAndConf FaceBoxesImpl::tail(const torch::Tensor& activation, std::string_view split_point) {
  return run_rest(run_stages(activation, stage_index(split_point) + 1, std::size(kStages)));
}

torch::Tensor FaceBoxesImpl::between(const torch::Tensor& activation, std::string_view from,
                                     std::string_view to) {
  const std::size_t first = stage_index(from) + 1;
  const std::size_t end = stage_index(to) + 1;
  check(first <= end, "stage '", from, "' comes after stage '", to, "'");
  return run_stages(activation, first, end);
}

LocAndConf FaceBoxesImpl::forward(const torch::Tensor& x) {
  return run_rest(run_stages(x, 0, std::size(kStages)));
}

void FaceBoxesImpl::lay_out() {
  for (auto& parameter : parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(parameter.contiguous(torch::MemoryFormat::ChannelsLast));
  }
}

torch::Tensor FaceBoxesImpl::run_stages(torch::Tensor x, std::size_t first, std::size_t end) {
  for (std::size_t stage = first; stage < end; ++stage) x = run_stage(x, stage);
  return x;
}

torch::Tensor FaceBoxesImpl::run_stage(const torch::Tensor& x, std::size_t stage) {
  switch (stage) {
    case 0:
      return conv1->forward_both_signs(x);
    case 2:
      return conv2->forward_both_signs(x);
    case 4:
      return inception1(x);
    case 5:
      return inception2(x);
    case 6:
      return inception3(x);
    default:
      return halve(x);
  }
}

LocAndConf FaceBoxesImpl::coded_tail(const Coded& activation, std::string_view split_point) {
  const std::int64_t channels = activation.decode.size(0);
  const bool few = 2 * activation.decode.size(1) <= channels;
  if (!few || stage_index(split_point) + 1 < std::size(kStages)) {
    const auto kernel = activation.decode.unsqueeze(2).unsqueeze(3);
    return tail(torch::conv2d(activation.y, kernel, activation.mean), split_point);
  }
  const auto first = [&](nn::ModuleList& layers, std::int64_t values) {
    const auto& layer = *layers->ptr<nn::Conv2dImpl>(0);
    return flatten_cells(coded_convolution(activation, layer.weight, layer.bias), values);
  };
  const auto reduced = coded_convolution(activation, conv3_1->conv->weight, {});
  return run_scales(first(loc, 4), first(conf, 2), conv3_1->bn(reduced).relu_());
}

LocAndConf FaceBoxesImpl::run_rest(const torch::Tensor& inception3_output) {
  return run_scales(apply_scale(loc, 0, inception3_output, 4),
                    apply_scale(conf, 0, inception3_output, 2), conv3_1(inception3_output));
}

LocAndConf FaceBoxesImpl::run_scales(const torch::Tensor& first_loc,
                                     const torch::Tensor& first_logits,
                                     const torch::Tensor& reduced) {
  const torch::Tensor second = conv3_2(reduced);
  const torch::Tensor third = conv4_2(conv4_1(second));
  std::vector<torch::Tensor> boxes = {first_loc}, logits = {first_logits};
  std::size_t scale = 1;
  for (const torch::Tensor& source : {second, third}) {
    boxes.push_back(apply_scale(loc, scale, source, 4));
    logits.push_back(apply_scale(conf, scale, source, 2));
    ++scale;
  }
  return {torch::cat(boxes, 1), torch::cat(logits, 1)};
}

void load_weights(FaceBoxes& network, const Safetensors& weights) {
  copy_weights(*network, weights, "FaceBoxes");
}

FaceBoxes faceboxes_of(const Safetensors& weights, const std::filesystem::path& path) {
  FaceBoxes network;
  try {
    load_weights(network, weights);
  } catch (const Error& error) {
    fail(error.code(), path.string(), " does not hold FaceBoxes: ", error.what());
  }
  return network;
}

FaceBoxes read_faceboxes(const std::filesystem::path& path) {
  return faceboxes_of(read_safetensors(path), path);
}

Safetensors weights_of(const FaceBoxes& network) {
  return weights_of(static_cast<const torch::nn::Module&>(*network));
}

}  // namespace scrim
