#include "learn/stage.h"

#include "base/check.h"
#include "learn/stage_state.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <map>
#include <numbers>
#include <optional>
#include <sstream>

namespace scrim {
namespace {

constexpr auto kStateInterval = std::chrono::seconds(20);

using torch::optim::AdamW;
using torch::optim::AdamWOptions;
using torch::optim::Optimizer;
using torch::optim::OptimizerParamGroup;
using torch::optim::SGD;
using torch::optim::SGDOptions;

// Two groups a ParameterGroup: matrices, which decay, and vectors, which do not.
template <typename Options>
std::vector<OptimizerParamGroup> torch_groups(const std::vector<ParameterGroup>& groups,
                                              const std::function<Options(double rate)>& make) {
  std::vector<OptimizerParamGroup> result;
  for (const ParameterGroup& group : groups) {
    std::vector<torch::Tensor> matrices, vectors;
    for (const auto& tensor : group.tensors)
      (tensor.dim() > 1 ? matrices : vectors).push_back(tensor);
    Options options = make(group.rate);
    result.emplace_back(matrices,
                        std::make_unique<Options>(options.weight_decay(group.weight_decay)));
    result.emplace_back(vectors, std::make_unique<Options>(options.weight_decay(0)));
  }
  return result;
}

std::unique_ptr<Optimizer> make_optimizer(bool sgd, const std::vector<ParameterGroup>& groups) {
  if (sgd) {
    const auto make = [](double rate) { return SGDOptions(rate).momentum(0.9); };
    return std::make_unique<SGD>(torch_groups<SGDOptions>(groups, make), make(1e-3));
  }
  const auto make = [](double rate) { return AdamWOptions(rate); };
  return std::make_unique<AdamW>(torch_groups<AdamWOptions>(groups, make), make(1e-3));
}

std::vector<torch::Tensor> tensors_of(const std::vector<ParameterGroup>& groups, bool clipped) {
  std::vector<torch::Tensor> result;
  for (const auto& group : groups) {
    if (clipped && !group.clipped) continue;
    result.insert(result.end(), group.tensors.begin(), group.tensors.end());
  }
  return result;
}

// Scales the gradients so that their common norm is at most `most`. The tail may be on another
// device than the code, which torch::nn::utils::clip_grad_norm_ does not take.
void clip_gradients(const std::vector<torch::Tensor>& tensors, double most) {
  std::map<torch::DeviceType, std::vector<torch::Tensor>> norms;
  for (const auto& tensor : tensors) {
    if (tensor.grad().defined()) norms[tensor.device().type()].push_back(tensor.grad().norm());
  }
  double squares = 0;
  for (const auto& [device, here] : norms) {
    squares += std::pow(torch::stack(here).norm().item<double>(), 2);
  }
  const double factor = most / (std::sqrt(squares) + 1e-6);
  if (factor >= 1) return;
  for (const auto& tensor : tensors) {
    if (tensor.grad().defined()) torch::Tensor(tensor.grad()).mul_(factor);
  }
}

// One run of run_stage().
class Stage {
 public:
  Stage(const StageOptions& options, const std::vector<ParameterGroup>& groups,
        const std::vector<torch::Tensor>& buffers)
      : options_(options),
        groups_(groups),
        clipped_(tensors_of(groups, true)),
        live_(tensors_of(groups, false)),
        optimizer_(make_optimizer(options.sgd, groups)) {
    live_.insert(live_.end(), buffers.begin(), buffers.end());
    average_.emplace(live_, options.average_decay);
    state_.emplace(options.state, live_, *average_, *optimizer_);
    if (options.resume) position_ = state_->load();
  }

  StageResult run(const std::function<torch::Tensor(int step)>& loss) {
    saved_ = std::chrono::steady_clock::now();
    while (position_.step < options_.steps && !position_.ended_early) {
      stop_or_save();
      step(loss);
      if (epoch_ends()) validate();
    }
    state_->save(position_);
    average_->install();
    return {position_.epochs, position_.step};
  }

 private:
  void stop_or_save() {
    if (options_.stop.stop_requested()) {
      state_->save(position_);
      fail(ErrorCode::kUnavailable, "stopped in stage ", options_.name, " after ", position_.step,
           " of ", options_.steps, " steps; the state is kept and --resume goes on from it");
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - saved_ <= kStateInterval) return;
    state_->save(position_);
    saved_ = now;
  }

  void step(const std::function<torch::Tensor(int step)>& loss) {
    const int step = position_.step;
    optimizer_->zero_grad();
    set_rates(Schedule{1, options_.steps, options_.warm_up}.at(step));
    const auto value = loss(step);
    const double number = value.item<double>();
    check(std::isfinite(number), "the loss of stage ", options_.name, " is not finite at step ",
          step, "; a smaller rate than ", groups_.front().rate,
          " may help, and the last state is kept");
    value.backward();
    clip_gradients(clipped_, options_.clip_norm);
    optimizer_->step();
    if (options_.after_step) options_.after_step(step);
    average_->update(step);
    position_.loss = step == 0 ? number : 0.95 * position_.loss + 0.05 * number;
    ++position_.step;
    report(false);
  }

  void set_rates(double factor) {
    auto& groups = optimizer_->param_groups();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      groups[i].options().set_lr(factor * groups_[i / 2].rate);
    }
  }

  bool epoch_ends() const {
    const Validation& validation = options_.validation;
    return validation.steps > 0 &&
           (position_.step % validation.steps == 0 || position_.step == options_.steps);
  }

  void validate() {
    const Validation& validation = options_.validation;
    average_->swap();
    const double score = validation.score();
    average_->swap();
    position_.epochs.push_back({position_.step, position_.loss, score});
    const bool better =
        position_.epochs.size() == 1 || score > position_.best_score + validation.least_gain;
    if (better) {
      position_.best_score = score;
      position_.best_epoch = static_cast<int>(position_.epochs.size());
    }
    const int waited = static_cast<int>(position_.epochs.size()) - position_.best_epoch;
    position_.ended_early = validation.patience > 0 && waited >= validation.patience;
    report(true);
  }

  void report(bool epoch) const {
    if (!options_.progress) return;
    std::ostringstream note;
    note << "loss " << std::fixed << std::setprecision(3) << position_.loss;
    if (!position_.epochs.empty()) {
      note << "  " << options_.validation.metric << " " << position_.epochs.back().score;
    }
    if (!options_.figures.empty()) note << "  " << options_.figures;
    options_.progress({options_.name, position_.step, options_.steps, note.str(), epoch});
  }

  const StageOptions& options_;
  const std::vector<ParameterGroup>& groups_;
  std::vector<torch::Tensor> clipped_, live_;
  std::unique_ptr<Optimizer> optimizer_;
  std::optional<Average> average_;
  std::optional<StageState> state_;
  StagePosition position_;
  std::chrono::steady_clock::time_point saved_;
};

}  // namespace

double Schedule::at(int step) const {
  const double warm = std::max(1.0, warm_up * steps);
  if (step < warm) return rate * (step + 1) / warm;
  const double share = (step - warm) / std::max(1.0, steps - warm);
  return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * share)));
}

StageResult run_stage(const StageOptions& options, const std::vector<ParameterGroup>& groups,
                      const std::vector<torch::Tensor>& buffers,
                      const std::function<torch::Tensor(int step)>& loss) {
  return Stage(options, groups, buffers).run(loss);
}

}  // namespace scrim
