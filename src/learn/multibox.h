// FaceBoxes' multibox loss (Zhang et al., IJCB 2017): 2 x smooth L1 on boxes + cross-entropy on
// scores with seven hard negatives a positive.
#pragma once

#include "learn/match.h"

#include <torch/torch.h>

#include <vector>

namespace scrim {

// The targets of a batch as tensors: labels N x P (int64), offsets N x P x 4.
struct BatchTargets {
  torch::Tensor labels;
  torch::Tensor offsets;
};

BatchTargets stack_targets(const std::vector<Targets>& targets);

// loc: N x P x 4, logits: N x P x 2. The sum over the batch divided by its positives (at least 1).
torch::Tensor multibox_loss(const torch::Tensor& loc, const torch::Tensor& logits,
                            const BatchTargets& targets);

}  // namespace scrim
