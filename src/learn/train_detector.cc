#include <scrim/learn.h>

#include "base/check.h"
#include "learn/from_scratch.h"
#include "network/faceboxes.h"

namespace scrim {
namespace {

Untrained untrained_faceboxes() {
  FaceBoxes network;
  network->train();
  network->lay_out();
  return {network->parameters(), network->buffers(),
          [network](const torch::Tensor& input) mutable -> Outputs {
            const auto [loc, logits] =
                network->forward(input.contiguous(torch::MemoryFormat::ChannelsLast));
            return {loc, logits};
          },
          [network] { return weights_of(network); }};
}

}  // namespace

void train_detector(const std::vector<Dataset>& datasets, const TrainOptions& options) {
  check(!datasets.empty(), "training needs at least 1 dataset, got 0");
  options.validate();
  train_from_scratch(untrained_faceboxes, *detection_task(options.window), datasets, options);
}

}  // namespace scrim
