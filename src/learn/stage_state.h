// What a stopped stage of training is resumed from.
#pragma once

#include "learn/stage.h"

#include <filesystem>
#include <vector>

namespace scrim {

// How far a stage has come.
struct StagePosition {
  int step = 0;     // done
  double loss = 0;  // smoothed
  double best_score = 0;
  int best_epoch = 0;  // counted from 1
  bool ended_early = false;
  std::vector<EpochRecord> epochs;
};

// Weights, buffers, their average, the optimizer and the position, in one file that is replaced
// atomically. Without a path it saves nothing and starts at 0.
class StageState {
 public:
  StageState(std::filesystem::path path, std::vector<torch::Tensor> live, Average& average,
             torch::optim::Optimizer& optimizer);

  void save(const StagePosition& position) const;
  // Throws kCorrupt if the file is not the state of this run.
  StagePosition load() const;

 private:
  StagePosition read() const;

  std::filesystem::path path_;
  std::vector<torch::Tensor> live_;
  Average& average_;
  torch::optim::Optimizer& optimizer_;
};

}  // namespace scrim
