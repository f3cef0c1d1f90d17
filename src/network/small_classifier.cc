#include "network/small_classifier.h"

#include "base/check.h"
#include "network/code_layers.h"
#include "network/weight_file.h"

#include <algorithm>
#include <array>
#include <sstream>

namespace scrim {
namespace {

struct UnitFacts {
  std::int64_t in, out, stride, total_stride;
};

constexpr std::array<UnitFacts, 5> kUnits = {
    {{3, 16, 2, 2}, {16, 32, 2, 4}, {32, 64, 2, 8}, {64, 64, 1, 8}, {64, 128, 2, 16}}};
constexpr const char* kClasses = "classes";  // of the metadata: a name a line
constexpr const char* kLinear = "linear.weight";

std::size_t unit_index(std::string_view name) {
  const auto& names = SmallClassifierImpl::split_points();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  fail(ErrorCode::kNotFound, "the classifier has no split point named '", name, "'; it has ",
       names.front(), " to ", names.back());
}

std::vector<std::string> lines_of(const Safetensors& weights) {
  const auto found = weights.metadata.find(kClasses);
  if (found == weights.metadata.end()) return {};
  std::istringstream text(found->second);
  std::vector<std::string> names;
  for (std::string name; std::getline(text, name);) names.push_back(name);
  return names;
}

std::string units(ScriptWriter& writer, std::string x, const SmallClassifier& network,
                  std::size_t first, std::size_t end) {
  for (std::size_t i = first; i < end; ++i) {
    x = writer.relu(writer.convolution(x, folded(network->units[i])));
  }
  return x;
}

// The mean over the cells commutes with the linear layer, which runs first, as a convolution.
std::string logits(ScriptWriter& writer, const std::string& x, const SmallClassifier& network) {
  const torch::Tensor weight = network->linear->weight;
  return writer.mean_over_cells(
      writer.convolution(x, {weight.unsqueeze(2).unsqueeze(3), network->linear->bias}));
}

}  // namespace

SmallClassifierImpl::SmallClassifierImpl(std::vector<std::string> names)
    : SmallClassifierImpl(static_cast<std::int64_t>(names.size())) {
  names_ = std::move(names);
}

SmallClassifierImpl::SmallClassifierImpl(std::int64_t classes) {
  check(classes >= 2, "a classifier needs at least 2 classes, got ", classes);
  for (std::size_t i = 0; i < kUnits.size(); ++i) {
    const UnitFacts& unit = kUnits.at(i);
    units.push_back(
        register_module(split_points()[i], ConvUnit(unit.in, unit.out, 3, unit.stride, 1)));
  }
  linear = register_module("linear", torch::nn::Linear(kUnits.back().out, classes));
}

const std::vector<std::string>& SmallClassifierImpl::split_points() {
  static const std::vector<std::string> names = {"conv1", "conv2", "conv3", "conv4", "conv5"};
  return names;
}

std::int64_t SmallClassifierImpl::channels_at(std::string_view split_point) {
  return kUnits.at(unit_index(split_point)).out;
}

std::int64_t SmallClassifierImpl::stride_at(std::string_view split_point) {
  return kUnits.at(unit_index(split_point)).total_stride;
}

torch::Tensor SmallClassifierImpl::head(const torch::Tensor& x, std::string_view split_point) {
  return run_units(x, 0, unit_index(split_point) + 1);
}

torch::Tensor SmallClassifierImpl::tail(const torch::Tensor& activation,
                                        std::string_view split_point) {
  const torch::Tensor x = run_units(activation, unit_index(split_point) + 1, units.size());
  return linear(x.mean({2, 3}));
}

torch::Tensor SmallClassifierImpl::between(const torch::Tensor& activation, std::string_view from,
                                           std::string_view to) {
  const std::size_t first = unit_index(from) + 1;
  const std::size_t end = unit_index(to) + 1;
  check(first <= end, "unit '", from, "' comes after unit '", to, "'");
  return run_units(activation, first, end);
}

torch::Tensor SmallClassifierImpl::forward(const torch::Tensor& x) {
  return linear(run_units(x, 0, units.size()).mean({2, 3}));
}

torch::Tensor SmallClassifierImpl::run_units(torch::Tensor x, std::size_t first, std::size_t end) {
  for (std::size_t i = first; i < end; ++i) x = units[i]->forward(x);
  return x;
}

bool holds_small_classifier(const Safetensors& weights) {
  return weights.tensors.contains(kLinear);
}

SmallClassifier small_classifier_of(const Safetensors& weights, const std::filesystem::path& path) {
  try {
    const Tensor& last = weights.at(kLinear);
    const std::int64_t classes = last.shape.empty() ? 0 : last.shape.front();
    if (classes < 2 || classes > 100'000) {
      fail(ErrorCode::kCorrupt, "weight '", kLinear, "' has ", classes,
           " classes, and 2 to 100000 are possible");
    }
    std::vector<std::string> names = lines_of(weights);
    if (!names.empty() && static_cast<std::int64_t>(names.size()) != classes) {
      fail(ErrorCode::kCorrupt, "there are ", names.size(), " names for ", classes, " classes");
    }
    SmallClassifier network =
        names.empty() ? SmallClassifier(classes) : SmallClassifier(std::move(names));
    copy_weights(*network, weights, "the classifier");
    return network;
  } catch (const Error& error) {
    fail(error.code(), path.string(), " does not hold a classifier: ", error.what());
  }
}

Safetensors weights_of(const SmallClassifier& network) {
  Safetensors weights = weights_of(static_cast<const torch::nn::Module&>(*network));
  std::string names;
  for (const std::string& name : network->class_names()) names += name + '\n';
  if (!names.empty()) weights.metadata[kClasses] = names;
  return weights;
}

torch::jit::Module script_head(const SmallClassifier& network, std::string_view split_point,
                               const NoiseParameters* code, const Encoder& encoder) {
  const torch::NoGradGuard no_grad;
  ScriptWriter writer("Head");
  std::string y = units(writer, ScriptWriter::kInput, network, 0, unit_index(split_point) + 1);
  if (code != nullptr) {
    const std::int64_t channels = SmallClassifierImpl::channels_at(split_point);
    y = writer.convolution(encoded(writer, y, encoder), encoding(*code, channels, split_point));
  }
  return writer.finish({y});
}

torch::jit::Module script_tail(const SmallClassifier& network, std::string_view split_point,
                               const NoiseParameters* code) {
  const torch::NoGradGuard no_grad;
  ScriptWriter writer("Tail");
  std::string x = ScriptWriter::kInput;
  if (code != nullptr) {
    const std::int64_t channels = SmallClassifierImpl::channels_at(split_point);
    x = writer.convolution(x, decoding(*code, channels, split_point));
  }
  x = units(writer, x, network, unit_index(split_point) + 1, network->units.size());
  return writer.finish({logits(writer, x, network)});
}

}  // namespace scrim
