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

// What a detector answers: loc N x P x 4, logits N x P x 2.
struct Answers {
  torch::Tensor loc;
  torch::Tensor logits;
};

// How far `student` is from `teacher`, which gets no gradient: Kullback-Leibler divergence of the
// scores + 2 x smooth L1 on the boxes. 0 where they agree.
//
// Of thousands of priors few matter: a score weighs what the more convinced of the two holds for a
// face (the teacher's faces, and the student's false alarms); a box counts where the teacher sees a
// face, by its score. The sum over the batch divided by the teacher's faces (at least 1).
torch::Tensor multibox_distillation(const Answers& student, const Answers& teacher);

// loc: N x P x 4, logits: N x P x 2. The sum over the batch divided by its positives (at least 1).
torch::Tensor multibox_loss(const torch::Tensor& loc, const torch::Tensor& logits,
                            const BatchTargets& targets);

}  // namespace scrim
