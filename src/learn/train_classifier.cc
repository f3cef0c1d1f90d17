#include <scrim/learn.h>

#include "base/check.h"
#include "learn/from_scratch.h"
#include "network/small_classifier.h"

namespace scrim {

void train_classifier(const Dataset& dataset, const TrainOptions& options) {
  check(dataset.classes().size() >= 2, "a classifier needs at least 2 classes, ",
        dataset.folder().string(), " has ", dataset.classes().size(), " (layout ", dataset.layout(),
        ")");
  options.validate();
  const auto make = [&dataset] {
    SmallClassifier network(dataset.classes());
    network->train();
    return Untrained{network->parameters(),
                     network->buffers(),
                     [network](const torch::Tensor& input) mutable -> Outputs {
                       return {network->forward(input)};
                     },
                     [network] { return weights_of(network); },
                     /*weight_decay=*/1e-3,
                     /*average_decay=*/0.99};
  };
  train_from_scratch(make, *task_of(dataset, options.window), {dataset}, options);
}

}  // namespace scrim
