#include "audit/face_reader.h"

#include "base/check.h"
#include "base/random.h"

#include <torch/nn/functional/vision.h>
#include <torch/optim/adamw.h>
#include <torch/types.h>

#include <cmath>
#include <numbers>

namespace scrim {
namespace {

namespace F = torch::nn::functional;
namespace nn = torch::nn;

constexpr std::uint64_t kStepPurpose = 71, kNoisePurpose = 72;
constexpr double kStep = 16;  // template pixels between places
constexpr std::int64_t kWidth = 64;

std::vector<std::vector<const FaceInView*>> by_what_they_show(
    const std::vector<FaceInView>& faces) {
  std::vector<std::vector<const FaceInView*>> groups;
  for (const FaceInView& face : faces) {
    const auto place = static_cast<std::size_t>(face.shown);
    if (groups.size() <= place) groups.resize(place + 1);
    groups[place].push_back(&face);
  }
  std::erase_if(groups, [](const auto& group) { return group.empty(); });
  return groups;
}

}  // namespace

FaceReaderNetworkImpl::FaceReaderNetworkImpl(std::int64_t channels, std::int64_t numbers)
    : first(register_module("first",
                            nn::Conv2d(nn::Conv2dOptions(channels + 1, kWidth, 3).padding(1)))),
      second(
          register_module("second", nn::Conv2d(nn::Conv2dOptions(kWidth, kWidth, 3).padding(1)))),
      last(register_module("last", nn::Linear(kWidth * kRows * kColumns, numbers))) {}

torch::Tensor FaceReaderNetworkImpl::forward(const torch::Tensor& cells,
                                             const torch::Tensor& level) {
  const auto plane = level.view({-1, 1, 1, 1}).expand({cells.size(0), 1, kRows, kColumns});
  const auto seen = first(torch::cat({cells, plane}, 1));
  const auto deeper = seen + second(torch::silu(seen));
  return last(deeper.flatten(1));
}

FaceReader::FaceReader(const Decoder& observer, std::int64_t numbers)
    : observer_(observer), numbers_(numbers), network_(observer.shape().channels, numbers) {}

torch::Tensor FaceReader::cells_of(const torch::Tensor& observed, const Similarity& s) const {
  const auto u = (torch::arange(FaceReaderNetworkImpl::kColumns, torch::kFloat32) + 0.5) * kStep;
  const auto v =
      ((torch::arange(FaceReaderNetworkImpl::kRows, torch::kFloat32) + 0.5) * kStep).view({-1, 1});
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

torch::Tensor FaceReader::levels(const std::vector<std::size_t>& conditions) const {
  std::vector<float> values;
  for (const std::size_t condition : conditions) {
    values.push_back(level_of(observer_.conditions().at(condition)));
  }
  return torch::tensor(values);
}

void FaceReader::train(const std::vector<FaceInView>& faces, const Loss& loss,
                       const std::vector<torch::Tensor>& others, const ReaderTraining& options) {
  check(!faces.empty(), "a reader of faces needs faces to learn from, got none");
  const auto groups = by_what_they_show(faces);
  torch::manual_seed(options.seed);
  network_ = FaceReaderNetwork(observer_.shape().channels, numbers_);
  auto parameters = network_->parameters();
  parameters.insert(parameters.end(), others.begin(), others.end());
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
      const auto& group = groups[random.index(groups.size())];
      const FaceInView& face = *group[random.index(group.size())];
      conditions.push_back(random.index(observer_.conditions().size()));
      const auto seen = observer_.observe(view_of_activation(*face.activation), conditions.back());
      cells.push_back(cells_of(seen, face.alignment));
      shown.push_back(face.shown);
    }
    const double at = (step + 0.5) / options.steps;
    for (auto& group : optimizer.param_groups()) {
      group.options().set_lr(options.rate * (0.51 + 0.49 * std::cos(std::numbers::pi * at)));
    }
    optimizer.zero_grad();
    loss(network_(torch::cat(cells), levels(conditions)), torch::tensor(shown)).backward();
    optimizer.step();
    if (options.progress) options.progress({options.name, step + 1, options.steps, {}});
  }
}

torch::Tensor FaceReader::read(const std::vector<Observed>& faces, std::size_t condition) {
  check(!faces.empty(), "a reader of faces needs faces to read, got none");
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> cells;
  for (const Observed& face : faces) cells.push_back(cells_of(face.seen, face.alignment));
  return network_(torch::cat(cells), levels(std::vector<std::size_t>(faces.size(), condition)));
}

}  // namespace scrim
