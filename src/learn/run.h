// One run of learn(): its stages in order, each leaving what the next one needs.
#pragma once

#include <scrim/learn.h>

#include "learn/picture_split.h"
#include "learn/promise.h"
#include "learn/subject.h"
#include "learn/task.h"
#include "learn/validator.h"
#include "learn/view_cache.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scrim {

class Run {
 public:
  // `subject_digest` says which weights are learned. Opens the state folder. References must
  // outlive the run. Throws as open_state does.
  Run(std::unique_ptr<Subject> subject, std::unique_ptr<Task> task,
      const std::string& subject_digest, const Dataset& train, const LearnOptions& options);

  // Adapts, measures, trains, seals. Throws kUnavailable when stopped, state kept.
  LearnResult learn();

 private:
  torch::Tensor channels_last(const torch::Tensor& input) const;
  StageOptions stage(const std::string& name, int steps) const;
  CachedBatch next_batch(int step);
  void adapt();
  void measure_activation();
  void train_tail();
  void keep_promise();
  LearnResult seal();

  // Moments of what the code is taken of (and of the loss's gradient there) over views of these
  // pictures; without a gradient it returns those activations.
  torch::Tensor gather(const std::vector<std::size_t>& chosen, int count, const std::string& what,
                       Moments& activation, Moments* gradient);
  torch::Tensor draw_alphas(int step, std::int64_t count) const;
  double validation_alpha() const;
  std::vector<double> validation_scores() const;  // one an alpha; none without pictures

  LearnOptions options_;
  const Dataset& train_;
  torch::Device device_;
  std::unique_ptr<Subject> subject_;
  std::unique_ptr<Task> task_;
  Pictures pictures_;
  PictureSplit split_;
  Views views_;
  ViewCache cache_;
  std::filesystem::path state_;
  std::optional<Validator> validator_;
  std::optional<CleanNetwork> clean_network_;
  std::unique_ptr<Obfuscator> obfuscator_;
  Promise promise_;
  StageResult adapted_, trained_;
};

}  // namespace scrim
