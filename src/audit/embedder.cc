#include "audit/embedder.h"

#include "audit/recogniser.h"
#include "base/check.h"

#include <torch/types.h>

#include <algorithm>

namespace scrim {
namespace {

constexpr double kSharpness = 16;  // of the softmax over cosines

}  // namespace

Embedder::Embedder(const Decoder& observer, bool shallow)
    : shallow_(shallow), reader_(observer, kNumbers) {}

void Embedder::train(const std::vector<Scene>& views, const ReaderTraining& options) {
  std::vector<FaceInView> faces;
  std::int64_t people = 0;
  for (const Scene& view : views) {
    faces.push_back(
        {shallow_ ? &view.shallow : &view.activation, view.alignment.value(), view.person});
    people = std::max<std::int64_t>(people, view.person + 1);
  }
  torch::manual_seed(options.seed);
  auto directions = torch::randn({people, kNumbers}).requires_grad_();
  const auto loss = [&](const torch::Tensor& outputs, const torch::Tensor& shown) {
    const auto cosines = torch::matmul(of_length_one(outputs), of_length_one(directions).t());
    return torch::cross_entropy_loss(kSharpness * cosines, shown);
  };
  reader_.train(faces, loss, {directions}, options);
}

torch::Tensor Embedder::embed(const std::vector<Scene>& scenes,
                              const std::vector<torch::Tensor>& observed, std::size_t condition) {
  check(scenes.size() == observed.size(), "an observation of each scene is needed");
  std::vector<FaceReader::Observed> faces;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    faces.push_back({observed[i], scenes[i].alignment.value()});
  }
  return of_length_one(reader_.read(faces, condition));
}

}  // namespace scrim
