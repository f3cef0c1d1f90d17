#include "network/export.h"

#include "network/code_layers.h"
#include "network/script_file.h"
#include "network/script_writer.h"

#include <algorithm>

namespace scrim {
namespace {

std::string unit(ScriptWriter& writer, const std::string& x, const ConvUnit& layer) {
  return writer.relu(writer.convolution(x, folded(layer)));
}

std::string both_signs(ScriptWriter& writer, const std::string& x, const ConvUnit& layer) {
  const std::string y = writer.convolution(x, folded(layer));
  return writer.relu(writer.concatenate({y, writer.negative(y)}, 1));
}

// ReLU commutes with the maximum, so it runs after the pool, on a quarter of the values.
std::string both_signs_pooled(ScriptWriter& writer, const std::string& x, const ConvUnit& layer) {
  const std::string y = writer.convolution(x, folded(layer));
  const std::string upper = writer.max_pool(y);
  const std::string lower = writer.max_pool(writer.negative(y));
  return writer.relu(writer.concatenate({upper, lower}, 1));
}

// The 1x1 convolution commutes with the average, which counts its padding: it runs first, so that
// 32 channels are averaged in place of 128. Its bias must wait, or the border would count it.
std::string pooled_branch(ScriptWriter& writer, const std::string& x, const ConvUnit& layer) {
  Convolution convolution = folded(layer);
  const torch::Tensor bias = std::exchange(convolution.bias, torch::Tensor());
  const std::string averaged = writer.average_pool(writer.convolution(x, convolution));
  return writer.relu(writer.add_per_channel(averaged, bias));
}

std::string inception(ScriptWriter& writer, const std::string& x, const Inception& module) {
  return writer.concatenate(
      {unit(writer, x, module->branch1x1), pooled_branch(writer, x, module->branch1x1_2),
       unit(writer, unit(writer, x, module->branch3x3_reduce), module->branch3x3),
       unit(writer, unit(writer, unit(writer, x, module->branch3x3_reduce_2), module->branch3x3_2),
            module->branch3x3_3)},
      1);
}

// The stages [first, end) of FaceBoxesImpl::split_points().
std::string stages(ScriptWriter& writer, std::string x, const FaceBoxes& network, std::size_t first,
                   std::size_t end) {
  for (std::size_t stage = first; stage < end; ++stage) {
    if (stage == 0 || stage == 2) {
      const ConvUnit& layer = stage == 0 ? network->conv1 : network->conv2;
      const bool pool_follows = stage + 1 < end;
      x = pool_follows ? both_signs_pooled(writer, x, layer) : both_signs(writer, x, layer);
      if (pool_follows) ++stage;
    } else if (stage < 4) {
      x = writer.max_pool(x);
    } else {
      const Inception* modules[] = {&network->inception1, &network->inception2,
                                    &network->inception3};
      x = inception(writer, x, *modules[stage - 4]);
    }
  }
  return x;
}

// One convolution for the boxes and the scores of one scale. The logits (a, b) become
// (a - b, b - a), whose sigmoid is the softmax over two classes.
Convolution outputs_of_scale(const FaceBoxes& network, std::size_t scale) {
  const auto loc = network->loc->ptr<torch::nn::Conv2dImpl>(scale);
  const auto conf = network->conf->ptr<torch::nn::Conv2dImpl>(scale);
  const auto difference = [](const torch::Tensor& x) {
    const torch::Tensor pairs = x.reshape({-1, 2, x.numel() / x.size(0)});
    return (pairs - pairs.flip(1)).reshape(x.sizes());
  };
  return {torch::cat({loc->weight, difference(conf->weight)}, 0),
          torch::cat({loc->bias, difference(conf->bias)}, 0), 1, 1};
}

std::vector<std::string> rest(ScriptWriter& writer, const std::string& x,
                              const FaceBoxes& network) {
  const std::string second = unit(writer, unit(writer, x, network->conv3_1), network->conv3_2);
  const std::string third = unit(writer, unit(writer, second, network->conv4_1), network->conv4_2);
  std::vector<std::string> boxes, scores;
  const std::string sources[] = {x, second, third};
  for (std::size_t scale = 0; scale < std::size(sources); ++scale) {
    const Convolution outputs = outputs_of_scale(network, scale);
    const std::int64_t count = outputs.weight.size(0);
    const std::int64_t box_count = count / 6 * 4;  // 4 numbers of a box for 2 scores
    const std::string y = writer.convolution(sources[scale], outputs);
    boxes.push_back(writer.flatten_cells(writer.channels(y, 0, box_count), 4));
    scores.push_back(writer.flatten_cells(writer.channels(y, box_count, count), 2));
  }
  return {writer.concatenate(boxes, 1), writer.sigmoid(writer.concatenate(scores, 1))};
}

std::size_t stage_count(std::string_view split_point) {
  FaceBoxesImpl::channels_at(split_point);  // throws kNotFound
  const auto& names = FaceBoxesImpl::split_points();
  return static_cast<std::size_t>(std::ranges::find(names, split_point) - names.begin()) + 1;
}

}  // namespace

torch::jit::Module script_head(const FaceBoxes& network, std::string_view split_point,
                               const NoiseParameters* code, const Encoder& encoder) {
  const torch::NoGradGuard no_grad;
  ScriptWriter writer("Head");
  std::string y = stages(writer, ScriptWriter::kInput, network, 0, stage_count(split_point));
  if (code != nullptr) {
    const std::int64_t channels = FaceBoxesImpl::channels_at(split_point);
    y = writer.convolution(encoded(writer, y, encoder), encoding(*code, channels, split_point));
  }
  return writer.finish({y});
}

torch::jit::Module script_tail(const FaceBoxes& network, std::string_view split_point,
                               const NoiseParameters* code) {
  const torch::NoGradGuard no_grad;
  ScriptWriter writer("Tail");
  std::string x = ScriptWriter::kInput;
  if (code != nullptr) {
    const std::int64_t channels = FaceBoxesImpl::channels_at(split_point);
    x = writer.convolution(x, decoding(*code, channels, split_point));
  }
  const std::size_t end = FaceBoxesImpl::split_points().size();
  return writer.finish(
      rest(writer, stages(writer, x, network, stage_count(split_point), end), network));
}

void export_head(const FaceBoxes& network, std::string_view split_point,
                 const NoiseParameters& code, const std::filesystem::path& path,
                 const Encoder& encoder) {
  save_script(script_head(network, split_point, &code, encoder), path);
}

void export_tail(const FaceBoxes& network, std::string_view split_point,
                 const NoiseParameters& code, const std::filesystem::path& path) {
  save_script(script_tail(network, split_point, &code), path);
}

}  // namespace scrim
