#include "data/average_precision.h"
#include "data/detections.h"
#include "learn/multibox.h"
#include "learn/task.h"

#include <numeric>

namespace scrim {
namespace {

std::span<const float> values_of(const torch::Tensor& contiguous) {
  return {contiguous.data_ptr<float>(), static_cast<std::size_t>(contiguous.numel())};
}

// Pooled average precision over the faces that training counts as faces.
class DetectionScorer final : public Scorer {
 public:
  DetectionScorer(double scale, double min_height) : scale_(scale) {
    rules_.min_height = min_height;
  }

  void add(const Outputs& outputs, const Sample& sample, int width, int height) override {
    const auto loc = outputs.at(0).to(torch::kCPU).contiguous();
    const auto conf = outputs.at(1).softmax(2).to(torch::kCPU).contiguous();
    const auto found =
        decode_detections(values_of(loc), values_of(conf), width, height, scale_, DecodeOptions{});
    counts_.push_back(count_picture(found, sample, rules_));
  }

  double score() const override {
    std::vector<std::size_t> all(counts_.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const std::vector<std::int32_t> once(counts_.size(), 1);
    return Ranking(counts_, all).average_precision(once);
  }

 private:
  double scale_;
  MatchRules rules_;
  std::vector<PictureCount> counts_;
};

class DetectionTask final : public Task {
 public:
  explicit DetectionTask(int window_size)
      : window_size_(window_size), priors_(priors_for(window_size, window_size)) {}

  std::string name() const override { return "face-detection"; }
  std::string metric() const override { return "AP"; }

  WindowOptions window(int size, double scale) const override {
    WindowOptions options;
    options.size = size;
    options.scale = scale;
    return options;
  }

  torch::Tensor loss(const Outputs& outputs, const std::vector<Label>& labels) const override {
    std::vector<Targets> targets;
    for (const Label& label : labels) {
      targets.push_back(match_faces(priors_, label.faces, window_size_));
    }
    const BatchTargets batch = stack_targets(targets);
    const auto device = outputs.at(0).device();
    return multibox_loss(outputs.at(0), outputs.at(1),
                         {batch.labels.to(device), batch.offsets.to(device)});
  }

  torch::Tensor distillation(const Outputs& outputs, const Outputs& teacher) const override {
    return multibox_distillation({outputs.at(0), outputs.at(1)}, {teacher.at(0), teacher.at(1)});
  }

  std::unique_ptr<Scorer> scorer(double scale) const override {
    return std::make_unique<DetectionScorer>(scale, WindowOptions{}.min_face / scale);
  }

 private:
  int window_size_;
  std::vector<Prior> priors_;
};

}  // namespace

std::unique_ptr<Task> detection_task(int window_size) {
  return std::make_unique<DetectionTask>(window_size);
}

}  // namespace scrim
