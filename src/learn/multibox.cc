#include "learn/multibox.h"

#include <cstring>

namespace scrim {
namespace {

constexpr std::int64_t kNegativesPerPositive = 7;
constexpr double kBoxWeight = 2;

// The hard negatives of each sample: the backgrounds of largest loss, seven a positive. A window
// without a face gives as many as one with a single face, so that clutter is learned too.
torch::Tensor hard_negatives(const torch::Tensor& losses, const torch::Tensor& labels) {
  const auto background = labels == kBackground;
  const auto ranked = losses.detach().masked_fill(~background, -1);
  const auto order = std::get<1>(ranked.sort(/*stable=*/true, /*dim=*/1, /*descending=*/true));
  const auto rank = std::get<1>(order.sort(/*stable=*/true, 1, false));
  const auto wanted =
      ((labels == kFace).sum(1, /*keepdim=*/true) * kNegativesPerPositive).clamp_min(7);
  return background & (rank < wanted);
}

}  // namespace

BatchTargets stack_targets(const std::vector<Targets>& targets) {
  const auto count = static_cast<std::int64_t>(targets.size());
  const auto priors = static_cast<std::int64_t>(targets.front().labels.size());
  BatchTargets batch{torch::empty({count, priors}, torch::kInt64),
                     torch::empty({count, priors, 4})};
  for (std::int64_t i = 0; i < count; ++i) {
    const Targets& one = targets[static_cast<std::size_t>(i)];
    std::memcpy(batch.labels.data_ptr<std::int64_t>() + i * priors, one.labels.data(),
                one.labels.size() * sizeof(std::int64_t));
    std::memcpy(batch.offsets.data_ptr<float>() + i * priors * 4, one.offsets.data(),
                one.offsets.size() * sizeof(one.offsets[0]));
  }
  return batch;
}

torch::Tensor multibox_loss(const torch::Tensor& loc, const torch::Tensor& logits,
                            const BatchTargets& targets) {
  namespace F = torch::nn::functional;
  const auto positive = targets.labels == kFace;
  // Per prior: -log p(label), with softplus of the margin in place of a two-class softmax.
  const auto margin = logits.select(2, 1) - logits.select(2, 0);
  const auto losses = F::softplus(torch::where(positive, -margin, margin));
  const auto chosen = positive | hard_negatives(losses, targets.labels);
  const auto class_loss = losses.masked_select(chosen).sum();
  const auto index = positive.flatten().nonzero().squeeze(1);
  const auto box_loss = F::smooth_l1_loss(loc.flatten(0, 1).index_select(0, index),
                                          targets.offsets.flatten(0, 1).index_select(0, index),
                                          F::SmoothL1LossFuncOptions().reduction(torch::kSum));
  const auto positives = std::max<std::int64_t>(1, index.size(0));
  return (kBoxWeight * box_loss + class_loss) / static_cast<double>(positives);
}

torch::Tensor multibox_distillation(const Answers& student, const Answers& teacher) {
  namespace F = torch::nn::functional;
  const auto margin_of = [](const Answers& answers) {
    return answers.logits.select(2, 1) - answers.logits.select(2, 0);
  };
  const auto ours = margin_of(student);
  const auto theirs = margin_of(teacher).detach();
  const auto face = theirs.sigmoid();
  // -log p is softplus of a margin: KL of two Bernoulli variables by their margins.
  const auto divergence = F::softplus(ours) - F::softplus(theirs) - face * (ours - theirs);
  const auto score_loss = (torch::maximum(face, ours.detach().sigmoid()) * divergence).sum();
  const auto index = (face > 0.5).flatten().nonzero().squeeze(1);
  const auto weight = face.flatten().index_select(0, index);
  const auto box_losses =
      F::smooth_l1_loss(student.loc.flatten(0, 1).index_select(0, index),
                        teacher.loc.detach().flatten(0, 1).index_select(0, index),
                        F::SmoothL1LossFuncOptions().reduction(torch::kNone));
  const auto box_loss = (box_losses.sum(1) * weight).sum();
  return (kBoxWeight * box_loss + score_loss) / weight.sum().clamp_min(1);
}

}  // namespace scrim
