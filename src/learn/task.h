// What is learned for: the loss of a batch of views and the score of whole pictures.
#pragma once

#include <scrim/dataset.h>

#include "learn/window.h"

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace scrim {

// The outputs of a tail, in its order.
using Outputs = std::vector<torch::Tensor>;

// Cells of a batch that answers are about, of answers that have something in common.
struct AnswerCells {
  torch::Tensor cells;          // n, int64: row-major places in views x rows x columns
  torch::Tensor known;          // n x F, float32: what the answer says of each
  double cells_per_answer = 0;  // mean; 0 without answers
};

// Collects the answers on validation pictures.
class Scorer {
 public:
  virtual ~Scorer() = default;
  // outputs: of this one picture, batch of 1, from an input of width x height pixels.
  virtual void add(const Outputs& outputs, const Sample& sample, int width, int height) = 0;
  // In [0, 1], higher is better; NaN if nothing counted.
  virtual double score() const = 0;
};

// One kind of answer. A new task is one file: its loss, its score, its views. Immutable.
class Task {
 public:
  virtual ~Task() = default;
  virtual std::string name() const = 0;    // the manifest's, as in "face-detection"
  virtual std::string metric() const = 0;  // the score's short name, as in "AP"
  // How views of pictures are drawn; `size` and `scale` are the learner's and stay as they are.
  virtual WindowOptions window(int size, double scale) const = 0;
  // outputs: of B views; labels: what each of them shows. A scalar with gradient.
  virtual torch::Tensor loss(const Outputs& outputs, const std::vector<Label>& labels) const = 0;
  // How far the outputs are from those of the same views by a `teacher` that gets no gradient: 0
  // where they agree, above 0 elsewhere. A scalar with gradient.
  virtual torch::Tensor distillation(const Outputs& outputs, const Outputs& teacher) const = 0;
  // What the labels say of the cells of an activation of rows x columns cells a view: one entry for
  // each of answer_groups() groups, some without cells.
  virtual std::int64_t answer_groups() const = 0;
  virtual std::vector<AnswerCells> answer_cells(const std::vector<Label>& labels, std::int64_t rows,
                                                std::int64_t columns) const = 0;
  virtual std::unique_ptr<Scorer> scorer(double scale) const = 0;
};

// Faces as FaceBoxes answers: loc (B x P x 4) and logits (B x P x 2) over its priors.
std::unique_ptr<Task> detection_task(int window_size);
// Classes as a classifier answers: one tensor of logits, B x classes.
std::unique_ptr<Task> classification_task(std::int64_t classes);
// What the dataset is annotated for.
std::unique_ptr<Task> task_of(const Dataset& dataset, int window_size);

}  // namespace scrim
