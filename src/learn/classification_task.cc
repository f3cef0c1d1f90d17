#include "base/check.h"
#include "learn/task.h"

#include <limits>

namespace scrim {
namespace {

// The share of the pictures whose most probable class is theirs.
class ClassificationScorer final : public Scorer {
 public:
  void add(const Outputs& outputs, const Sample& sample, int /*width*/, int /*height*/) override {
    if (!sample.label) return;
    correct_ += outputs.at(0).argmax(1).item<std::int64_t>() == *sample.label ? 1 : 0;
    ++pictures_;
  }

  double score() const override {
    if (pictures_ == 0) return std::numeric_limits<double>::quiet_NaN();
    return static_cast<double>(correct_) / static_cast<double>(pictures_);
  }

 private:
  std::int64_t correct_ = 0;
  std::int64_t pictures_ = 0;
};

class ClassificationTask final : public Task {
 public:
  explicit ClassificationTask(std::int64_t classes) : classes_(classes) {
    check(classes >= 2, "a classifier needs at least 2 classes, the dataset has ", classes);
  }

  std::string name() const override { return "classification"; }
  std::string metric() const override { return "accuracy"; }

  // A view keeps most of its picture: what is cut off could be what the class is known by.
  WindowOptions window(int size, double scale) const override {
    WindowOptions options;
    options.size = size;
    options.scale = scale;
    options.zoom = 0.15;
    return options;
  }

  torch::Tensor loss(const Outputs& outputs, const std::vector<Label>& labels) const override {
    const torch::Tensor& logits = outputs.at(0);
    check(logits.dim() == 2 && logits.size(1) == classes_, "the network tells ",
          logits.dim() == 2 ? logits.size(1) : 0, " classes apart, the dataset has ", classes_);
    std::vector<std::int64_t> wanted;
    for (const Label& label : labels) {
      check(label.class_index >= 0 && label.class_index < classes_, "a view has class number ",
            label.class_index, " of ", classes_);
      wanted.push_back(label.class_index);
    }
    return torch::nn::functional::cross_entropy(logits, torch::tensor(wanted).to(logits.device()));
  }

  // Soft cross-entropy less the teacher's entropy, which has no gradient: the Kullback-Leibler
  // divergence, mean over the views.
  torch::Tensor distillation(const Outputs& outputs, const Outputs& teacher) const override {
    namespace F = torch::nn::functional;
    const auto options = F::KLDivFuncOptions().reduction(torch::kBatchMean).log_target(true);
    return F::kl_div(outputs.at(0).log_softmax(1), teacher.at(0).detach().log_softmax(1), options);
  }

  std::int64_t answer_groups() const override { return 1; }

  // All cells of all views: of which class the picture is.
  std::vector<AnswerCells> answer_cells(const std::vector<Label>& labels, std::int64_t rows,
                                        std::int64_t columns) const override {
    const auto views = static_cast<std::int64_t>(labels.size());
    auto known = torch::zeros({views, rows * columns, classes_});
    for (std::int64_t view = 0; view < views; ++view) {
      known[view].select(1, labels[static_cast<std::size_t>(view)].class_index).fill_(1);
    }
    return {{torch::arange(views * rows * columns), known.flatten(0, 1),
             static_cast<double>(rows * columns)}};
  }

  std::unique_ptr<Scorer> scorer(double /*scale*/) const override {
    return std::make_unique<ClassificationScorer>();
  }

 private:
  std::int64_t classes_;
};

}  // namespace

std::unique_ptr<Task> classification_task(std::int64_t classes) {
  return std::make_unique<ClassificationTask>(classes);
}

std::unique_ptr<Task> task_of(const Dataset& dataset, int window_size) {
  if (dataset.classes().empty()) return detection_task(window_size);
  return classification_task(static_cast<std::int64_t>(dataset.classes().size()));
}

}  // namespace scrim
