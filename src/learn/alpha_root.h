// The exact alpha inside a differentiable graph.
//
// Source: docs/decisions/0005-alpha-is-a-contract.md; noise/contract.h solves the same for one row.
#pragma once

#include <torch/torch.h>

namespace scrim {

// s: B x K logits, alphas: B values in (0, 1), both float64. The shift t of each row (B x 1) such
// that SNR_k = exp(-(s_k + t)) passes exactly the bits of alpha over `channels` channels: sum_k
// softplus(-(s_k + t)) = channels ln(1 / alpha), to 1e-12 of the mean.
//
// dt/ds_k = -sigmoid_k / sum sigmoid flows back; alphas get no gradient.
torch::Tensor alpha_root(const torch::Tensor& s, const torch::Tensor& alphas,
                         std::int64_t channels);

}  // namespace scrim
