#include "network/average.h"

#include <algorithm>

namespace scrim {

Average::Average(std::vector<torch::Tensor> live, double decay)
    : live_(std::move(live)), decay_(decay) {
  for (const auto& tensor : live_) average_.push_back(tensor.detach().clone());
}

void Average::update(int step) {
  const torch::NoGradGuard no_grad;
  const double decay = std::min(decay_, (1.0 + step) / (10.0 + step));
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (live_[i].is_floating_point()) {
      average_[i].lerp_(live_[i].detach(), 1 - decay);
    } else {
      average_[i].copy_(live_[i]);
    }
  }
}

void Average::install() const {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < live_.size(); ++i) torch::Tensor(live_[i]).copy_(average_[i]);
}

void Average::swap() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < live_.size(); ++i) {
    const auto before = live_[i].detach().clone();
    torch::Tensor(live_[i]).copy_(average_[i]);
    average_[i].copy_(before);
  }
}

}  // namespace scrim
