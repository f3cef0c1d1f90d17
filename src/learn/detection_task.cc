#include "data/average_precision.h"
#include "data/detections.h"
#include "learn/multibox.h"
#include "learn/task.h"

#include <algorithm>
#include <array>
#include <cmath>
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

// Lowest faces of each group, in cells: what a face may tell is the same for all, and the more
// cells it has the less may be told by each.
constexpr std::array<float, 3> kFaceHeights = {2, 4, 8};

// The cells whose centre lies in one of some faces, and what its box says of each: how large it is,
// where in it the cell lies, and products of those.
class CellsOfFaces {
 public:
  void add(const Box& face, float stride, std::int64_t view, std::int64_t rows,
           std::int64_t columns) {
    const float size = std::log(face.height() / stride);
    const float shape = std::log(face.width() / face.height());
    for (std::int64_t row = 0; row < rows; ++row) {
      const float y = ((static_cast<float>(row) + 0.5F) * stride - face.y1) / face.height() - 0.5F;
      if (std::abs(y) > 0.5F) continue;
      for (std::int64_t column = 0; column < columns; ++column) {
        const float x =
            ((static_cast<float>(column) + 0.5F) * stride - face.x1) / face.width() - 0.5F;
        if (std::abs(x) > 0.5F) continue;
        cells_.push_back((view * rows + row) * columns + column);
        const std::array<float, kFacts> facts = {size,  size * size, shape,    x,        y,
                                                 x * x, y * y,       x * size, y * size, x * y};
        known_.insert(known_.end(), facts.begin(), facts.end());
      }
    }
    area_ += static_cast<double>(face.width()) * face.height() / (stride * stride);
    ++faces_;
  }

  AnswerCells finished() const {
    const auto count = static_cast<std::int64_t>(cells_.size());
    return {torch::tensor(cells_, torch::kInt64), torch::tensor(known_).view({count, kFacts}),
            faces_ > 0 ? area_ / faces_ : 0};
  }

 private:
  static constexpr std::int64_t kFacts = 10;
  std::vector<std::int64_t> cells_;
  std::vector<float> known_;
  double area_ = 0;  // in cells
  int faces_ = 0;
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

  std::int64_t answer_groups() const override {
    return static_cast<std::int64_t>(kFaceHeights.size());
  }

  std::vector<AnswerCells> answer_cells(const std::vector<Label>& labels, std::int64_t rows,
                                        std::int64_t columns) const override {
    std::vector<CellsOfFaces> groups(kFaceHeights.size());
    const float stride = static_cast<float>(window_size_) / static_cast<float>(columns);
    for (std::size_t view = 0; view < labels.size(); ++view) {
      for (const Box& face : labels[view].faces.faces) {
        const auto* const above =
            std::upper_bound(kFaceHeights.begin(), kFaceHeights.end(), face.height() / stride);
        if (above == kFaceHeights.begin()) continue;
        groups[static_cast<std::size_t>(above - kFaceHeights.begin() - 1)].add(
            face, stride, static_cast<std::int64_t>(view), rows, columns);
      }
    }
    std::vector<AnswerCells> result;
    for (const CellsOfFaces& group : groups) result.push_back(group.finished());
    return result;
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
