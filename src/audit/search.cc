#include "audit/search.h"

#include "audit/scenes.h"
#include "audit/targets.h"
#include "base/check.h"
#include "network/faceboxes.h"
#include "network/script_file.h"

#include <torch/nn/functional/upsampling.h>
#include <torch/optim/adam.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace scrim {
namespace {

namespace F = torch::nn::functional;

constexpr double kLevels = 64, kMiddle = 128;  // grey levels a unit, and at 0
// Standard deviations, of a signal of 1, that activations without noise are matched to.
constexpr double kFinest = 0.03;

// The pictures as a network receives them.
torch::Tensor input_of(const torch::Tensor& units, std::int64_t factor, const InputRules& rules) {
  const auto mean = torch::tensor(rules.mean, torch::kFloat32).view({1, -1, 1, 1});
  const auto levels = units * kLevels + kMiddle - mean;
  if (factor == 1) return levels;
  return F::interpolate(
      levels, F::InterpolateFuncOptions()
                  .size(std::vector<std::int64_t>{levels.size(2) * factor, levels.size(3) * factor})
                  .mode(torch::kBilinear)
                  .align_corners(false));
}

torch::Tensor differences(const torch::Tensor& units) {
  const auto down = (units.slice(2, 1) - units.slice(2, 0, -1)).abs().sum();
  const auto across = (units.slice(3, 1) - units.slice(3, 0, -1)).abs().sum();
  return down + across;
}

// 4 x 4 means a cell, colours of a pixel together: as a scene without a shallow network has it.
torch::Tensor plain_cells(const torch::Tensor& units) {
  constexpr std::int64_t kSide = 4;
  const auto small = torch::avg_pool2d(units, kTargetBlock / kSide);
  const std::int64_t b = small.size(0), h = small.size(2) / kSide, w = small.size(3) / kSide;
  return small.reshape({b, 3, h, kSide, w, kSide})
      .permute({0, 3, 5, 1, 2, 4})
      .reshape({b, 3 * kSide * kSide, h, w});
}

}  // namespace

ActivationOf activation_of_release(const Release& release) {
  torch::jit::Module head = load_script(release.head());
  for (auto parameter : head.parameters()) parameter.set_requires_grad(false);
  const Manifest& manifest = release.manifest();
  const std::int64_t factor = std::min<std::int64_t>(manifest.stride, kReduction);
  return [head, factor, rules = manifest.input](const torch::Tensor& units) mutable {
    return head.forward({input_of(units, factor, rules)}).toTensor();
  };
}

ActivationOf shallow_activation(const std::filesystem::path& weights, const InputRules& rules) {
  if (weights.empty()) return plain_cells;
  FaceBoxes network = read_faceboxes(weights);
  network->eval();
  for (auto& parameter : network->parameters()) parameter.set_requires_grad(false);
  return [network, rules](const torch::Tensor& units) mutable {
    return network->head(input_of(units, kReduction, rules), kShallowSplit);
  };
}

torch::Tensor search_pictures(Decoder& decoder, const ActivationOf& activation_of,
                              const torch::Tensor& observed, std::size_t condition,
                              const SearchOptions& options) {
  torch::Tensor pictures;
  {
    const torch::NoGradGuard no_grad;
    pictures = decoder.decode(observed, condition).clone();
  }
  const torch::AutoGradMode with_gradient(true);
  pictures.set_requires_grad(true);
  const auto deviation = decoder.deviation(condition).clamp_min(kFinest);
  const int block = decoder.shape().block;
  const double weight = options.roughness * block * block;
  torch::optim::Adam optimizer({pictures}, torch::optim::AdamOptions(options.rate));
  for (int step = 0; step < options.steps; ++step) {
    if (options.stop.stop_requested()) fail(ErrorCode::kUnavailable, "the audit was stopped");
    const double at = (step + 0.5) / options.steps;
    optimizer.param_groups().front().options().set_lr(
        options.rate * (0.51 + 0.49 * std::cos(std::numbers::pi * at)));
    optimizer.zero_grad();
    const auto expected = decoder.expected(activation_of(pictures), condition);
    const auto misfit = ((expected - observed) / deviation).square().sum() / 2;
    (misfit + differences(pictures) / weight).backward();
    optimizer.step();
  }
  return pictures.detach();
}

double roughness_of(const std::vector<Image>& pictures) {
  const torch::NoGradGuard no_grad;
  double sum = 0, count = 0;
  for (const Image& picture : pictures) {
    sum += differences(to_units(picture)).item<double>();
    count += 6.0 * picture.width * picture.height;
  }
  check(count > 0 && sum > 0, "pictures of one colour say nothing of how rough pictures are");
  return sum / count;
}

}  // namespace scrim
