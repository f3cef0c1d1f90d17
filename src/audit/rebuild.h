// Pictures of many scenes out of what was observed of them, a few of one size at a time.
#pragma once

#include "audit/decoder.h"

#include <functional>
#include <stop_token>
#include <vector>

namespace scrim {

// Observations of one size, B x channels x h x w, to pictures in a decoder's units.
using Rebuild = std::function<torch::Tensor(const torch::Tensor& observed)>;

// One picture a scene, of its target's size; `observed`: one of each scene, 1 x channels x h x w.
// Throws kUnavailable when stopped.
std::vector<Image> rebuilt(const std::vector<Scene>& scenes,
                           const std::vector<torch::Tensor>& observed, const Rebuild& rebuild,
                           const std::stop_token& stop);

}  // namespace scrim
