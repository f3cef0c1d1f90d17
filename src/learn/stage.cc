#include "learn/stage.h"

#include "base/check.h"
#include "base/files.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <numbers>
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

template <typename Options>
std::vector<OptimizerParamGroup> groups_of(const std::vector<torch::Tensor>& parameters,
                                           Options options, double weight_decay) {
  std::vector<torch::Tensor> matrices;
  std::vector<torch::Tensor> vectors;
  for (const auto& parameter : parameters)
    (parameter.dim() > 1 ? matrices : vectors).push_back(parameter);
  std::vector<OptimizerParamGroup> groups;
  groups.emplace_back(matrices, std::make_unique<Options>(options.weight_decay(weight_decay)));
  groups.emplace_back(vectors, std::make_unique<Options>(options.weight_decay(0)));
  return groups;
}

std::unique_ptr<Optimizer> make_optimizer(const StageOptions& stage,
                                          const std::vector<torch::Tensor>& parameters) {
  if (stage.sgd) {
    const SGDOptions options = SGDOptions(stage.rate).momentum(0.9);
    return std::make_unique<SGD>(groups_of(parameters, options, stage.weight_decay), options);
  }
  const AdamWOptions options(stage.rate);
  return std::make_unique<AdamW>(groups_of(parameters, options, stage.weight_decay), options);
}

void set_rate(Optimizer& optimizer, double rate) {
  for (auto& group : optimizer.param_groups()) group.options().set_lr(rate);
}

// Weights, buffers, their average, the optimizer and the number of steps done, in one file.
class State {
 public:
  State(std::filesystem::path path, std::vector<torch::Tensor> live, Average& average,
        Optimizer& optimizer)
      : path_(std::move(path)), live_(std::move(live)), average_(average), optimizer_(optimizer) {}

  void save(int step) const {
    if (path_.empty()) return;
    torch::serialize::OutputArchive archive;
    archive.write("step", torch::tensor(step));
    for (std::size_t i = 0; i < live_.size(); ++i) {
      archive.write("live" + std::to_string(i), live_[i]);
      archive.write("average" + std::to_string(i), average_.tensors()[i]);
    }
    torch::serialize::OutputArchive optimizer;
    optimizer_.save(optimizer);
    archive.write("optimizer", optimizer);
    std::ostringstream bytes;
    archive.save_to(bytes);
    write_file_atomically(path_, bytes.str());
  }

  int load() const {
    if (path_.empty() || !std::filesystem::exists(path_)) return 0;
    try {
      return read();
    } catch (const c10::Error&) {
      fail(ErrorCode::kCorrupt, "cannot resume: ", path_.filename().string(),
           " is not the state of this run");
    }
  }

 private:
  int read() const {
    torch::NoGradGuard no_grad;
    std::istringstream bytes(read_file(path_));
    torch::serialize::InputArchive archive;
    archive.load_from(bytes);
    torch::Tensor step;
    archive.read("step", step);
    for (std::size_t i = 0; i < live_.size(); ++i) {
      torch::Tensor value;
      archive.read("live" + std::to_string(i), value);
      torch::Tensor(live_[i]).copy_(value);
      archive.read("average" + std::to_string(i), value);
      average_.tensors()[i].copy_(value);
    }
    torch::serialize::InputArchive optimizer;
    archive.read("optimizer", optimizer);
    optimizer_.load(optimizer);
    return step.item<int>();
  }

  std::filesystem::path path_;
  std::vector<torch::Tensor> live_;
  Average& average_;
  Optimizer& optimizer_;
};

std::string figures(double loss) {
  std::ostringstream out;
  out << "loss " << std::fixed << std::setprecision(3) << loss;
  return out.str();
}

}  // namespace

double Schedule::at(int step) const {
  const double warm = std::max(1.0, warm_up * steps);
  if (step < warm) return rate * (step + 1) / warm;
  const double share = (step - warm) / std::max(1.0, steps - warm);
  return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * share)));
}

Average::Average(std::vector<torch::Tensor> live, double decay)
    : live_(std::move(live)), decay_(decay) {
  for (const auto& tensor : live_) average_.push_back(tensor.detach().clone());
}

void Average::update(int step) {
  torch::NoGradGuard no_grad;
  const double decay =
      std::min(decay_, (1.0 + step) / (10.0 + step));  // short runs forget their start
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (live_[i].is_floating_point()) {
      average_[i].lerp_(live_[i].detach(), 1 - decay);
    } else {
      average_[i].copy_(live_[i]);
    }
  }
}

void Average::install() const {
  torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < live_.size(); ++i) torch::Tensor(live_[i]).copy_(average_[i]);
}

void run_stage(const StageOptions& options, const std::vector<torch::Tensor>& parameters,
               const std::vector<torch::Tensor>& buffers,
               const std::function<torch::Tensor(int step)>& loss) {
  std::vector<torch::Tensor> live = parameters;
  live.insert(live.end(), buffers.begin(), buffers.end());
  Average average(live, options.average_decay);
  const auto optimizer = make_optimizer(options, parameters);
  const State state(options.state, live, average, *optimizer);
  const Schedule schedule{options.rate, options.steps, options.warm_up};

  double shown_loss = 0;
  auto saved = std::chrono::steady_clock::now();
  for (int step = options.resume ? state.load() : 0; step < options.steps; ++step) {
    if (options.stop.stop_requested()) {
      state.save(step);
      fail(ErrorCode::kUnavailable, "stopped in stage ", options.name, " after ", step, " of ",
           options.steps, " steps; the state is kept and --resume goes on from it");
    }
    if (std::chrono::steady_clock::now() - saved > kStateInterval) {
      state.save(step);
      saved = std::chrono::steady_clock::now();
    }
    optimizer->zero_grad();
    set_rate(*optimizer, schedule.at(step));
    const auto value = loss(step);
    const double number = value.item<double>();
    check(std::isfinite(number), "the loss of stage ", options.name, " is not finite at step ",
          step, "; a smaller rate than ", options.rate, " may help, and the last state is kept");
    value.backward();
    torch::nn::utils::clip_grad_norm_(parameters, options.clip_norm);
    optimizer->step();
    average.update(step);
    shown_loss = step == 0 ? number : 0.95 * shown_loss + 0.05 * number;
    if (options.progress)
      options.progress({options.name, step + 1, options.steps, figures(shown_loss)});
  }
  state.save(options.steps);
  average.install();
}

}  // namespace scrim
