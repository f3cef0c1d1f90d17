#include "audit/embedder.h"

#include "base/check.h"
#include "base/random.h"

#include <torch/nn/functional/vision.h>
#include <torch/nn/init.h>
#include <torch/optim/adamw.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace scrim {
namespace {

namespace F = torch::nn::functional;
namespace nn = torch::nn;

constexpr std::uint64_t kStepPurpose = 71, kNoisePurpose = 72;
constexpr double kSharpness = 16;  // of the softmax over cosines
constexpr double kStep = 16;       // template pixels between places

torch::Tensor of_length_one(const torch::Tensor& rows) {
  return rows / rows.norm(2, 1, true).clamp_min(1e-12);
}

}  // namespace

EmbedderNetworkImpl::EmbedderNetworkImpl(std::int64_t channels)
    : first(
          register_module("first", nn::Conv2d(nn::Conv2dOptions(channels + 1, 64, 3).padding(1)))),
      second(register_module("second", nn::Conv2d(nn::Conv2dOptions(64, 64, 3).padding(1)))),
      last(register_module("last", nn::Linear(64 * kRows * kColumns, kNumbers))) {}

torch::Tensor EmbedderNetworkImpl::forward(const torch::Tensor& cells, const torch::Tensor& level) {
  const auto plane = level.view({-1, 1, 1, 1}).expand({cells.size(0), 1, kRows, kColumns});
  const auto seen = first(torch::cat({cells, plane}, 1));
  const auto deeper = seen + second(torch::silu(seen));
  return of_length_one(last(deeper.flatten(1)));
}

Embedder::Embedder(const Decoder& observer, bool shallow)
    : observer_(observer), shallow_(shallow), network_(observer.shape().channels) {}

torch::Tensor Embedder::cells_of(const torch::Tensor& observed, const Scene& scene) const {
  const Similarity& s = scene.alignment.value();
  const auto u = (torch::arange(EmbedderNetworkImpl::kColumns, torch::kFloat32) + 0.5) * kStep;
  const auto v =
      ((torch::arange(EmbedderNetworkImpl::kRows, torch::kFloat32) + 0.5) * kStep).view({-1, 1});
  const double block = observer_.shape().block;
  // Shares of the activation's width and height, -1 to 1 between its outer edges.
  const auto share = [&](const torch::Tensor& pixel, std::int64_t cells) {
    return (pixel + 0.5) * (2.0 / (block * static_cast<double>(cells))) - 1;
  };
  const auto x = share(s.a * u - s.b * v + s.x, observed.size(3));
  const auto y = share(s.b * u + s.a * v + s.y, observed.size(2));
  return F::grid_sample(observed, torch::stack({x, y}, 2).unsqueeze(0),
                        F::GridSampleFuncOptions()
                            .mode(torch::kBilinear)
                            .padding_mode(torch::kBorder)
                            .align_corners(false));
}

torch::Tensor Embedder::levels(const std::vector<std::size_t>& conditions) const {
  std::vector<float> values;
  for (const std::size_t condition : conditions) {
    values.push_back(level_of(observer_.conditions().at(condition)));
  }
  return torch::tensor(values);
}

void Embedder::train(const std::vector<Scene>& views, const EmbedderTraining& options) {
  check(!views.empty(), "an embedder needs views of people, got none");
  torch::manual_seed(options.seed);
  network_ = EmbedderNetwork(observer_.shape().channels);
  std::int64_t people = 0;
  for (const Scene& view : views) people = std::max<std::int64_t>(people, view.person + 1);
  auto directions = torch::randn({people, EmbedderNetworkImpl::kNumbers}).requires_grad_();
  auto parameters = network_->parameters();
  parameters.push_back(directions);
  torch::optim::AdamW optimizer(parameters,
                                torch::optim::AdamWOptions(options.rate).weight_decay(1e-2));
  for (int step = 0; step < options.steps; ++step) {
    if (options.stop.stop_requested()) fail(ErrorCode::kUnavailable, "the audit was stopped");
    Random random(options.seed, kStepPurpose, static_cast<std::uint64_t>(step));
    torch::manual_seed(
        Random(options.seed, kNoisePurpose, static_cast<std::uint64_t>(step)).bits());
    std::vector<torch::Tensor> cells;
    std::vector<std::size_t> conditions;
    std::vector<std::int64_t> shown;
    for (int i = 0; i < options.batch; ++i) {
      const Scene& view = views[random.index(views.size())];
      conditions.push_back(random.index(observer_.conditions().size()));
      const Tensor& activation = shallow_ ? view.shallow : view.activation;
      cells.push_back(
          cells_of(observer_.observe(view_of_activation(activation), conditions.back()), view));
      shown.push_back(view.person);
    }
    const double at = (step + 0.5) / options.steps;
    for (auto& group : optimizer.param_groups()) {
      group.options().set_lr(options.rate * (0.51 + 0.49 * std::cos(std::numbers::pi * at)));
    }
    optimizer.zero_grad();
    const auto found = network_(torch::cat(cells), levels(conditions));
    const auto cosines = torch::matmul(found, of_length_one(directions).t());
    const auto loss = torch::cross_entropy_loss(kSharpness * cosines, torch::tensor(shown));
    loss.backward();
    optimizer.step();
    if (options.progress) options.progress({options.name, step + 1, options.steps, {}});
  }
}

torch::Tensor Embedder::embed(const std::vector<Scene>& scenes,
                              const std::vector<torch::Tensor>& observed, std::size_t condition) {
  check(scenes.size() == observed.size() && !scenes.empty(),
        "an observation of each scene is needed");
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> cells;
  for (std::size_t i = 0; i < scenes.size(); ++i) cells.push_back(cells_of(observed[i], scenes[i]));
  const std::vector<std::size_t> conditions(scenes.size(), condition);
  return network_(torch::cat(cells), levels(conditions));
}

}  // namespace scrim
