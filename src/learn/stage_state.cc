#include "learn/stage_state.h"

#include "base/check.h"
#include "base/files.h"

#include <sstream>

namespace scrim {
namespace {

// step, loss, best score, best epoch, ended early; then one row of three an epoch.
torch::Tensor as_tensor(const StagePosition& position) {
  std::vector<double> values = {static_cast<double>(position.step), position.loss,
                                position.best_score, static_cast<double>(position.best_epoch),
                                position.ended_early ? 1.0 : 0.0};
  for (const EpochRecord& epoch : position.epochs) {
    values.insert(values.end(), {static_cast<double>(epoch.step), epoch.loss, epoch.score});
  }
  return torch::tensor(values, torch::kFloat64);
}

StagePosition as_position(const torch::Tensor& tensor) {
  const auto values = tensor.accessor<double, 1>();
  StagePosition position;
  position.step = static_cast<int>(values[0]);
  position.loss = values[1];
  position.best_score = values[2];
  position.best_epoch = static_cast<int>(values[3]);
  position.ended_early = values[4] != 0;
  for (std::int64_t i = 5; i + 2 < tensor.size(0); i += 3) {
    position.epochs.push_back({static_cast<int>(values[i]), values[i + 1], values[i + 2]});
  }
  return position;
}

}  // namespace

StageState::StageState(std::filesystem::path path, std::vector<torch::Tensor> live,
                       Average& average, torch::optim::Optimizer& optimizer)
    : path_(std::move(path)), live_(std::move(live)), average_(average), optimizer_(optimizer) {}

void StageState::save(const StagePosition& position) const {
  if (path_.empty()) return;
  torch::serialize::OutputArchive archive;
  archive.write("position", as_tensor(position));
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

StagePosition StageState::load() const {
  if (path_.empty() || !std::filesystem::exists(path_)) return {};
  try {
    return read();
  } catch (const c10::Error&) {
    fail(ErrorCode::kCorrupt, "cannot resume: ", path_.filename().string(),
         " is not the state of this run");
  }
}

StagePosition StageState::read() const {
  torch::NoGradGuard no_grad;
  std::istringstream bytes(read_file(path_));
  torch::serialize::InputArchive archive;
  archive.load_from(bytes);
  torch::Tensor position;
  archive.read("position", position);
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
  return as_position(position);
}

}  // namespace scrim
