#include "audit/decoder_training.h"

#include "base/check.h"
#include "base/random.h"
#include "network/average.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace scrim {
namespace {

constexpr double kWarmUp = 0.03;  // share of the steps
constexpr double kLastRate = 0.02;
constexpr double kClipNorm = 5;
constexpr int kFewestCells = 3;  // of a window
constexpr std::uint64_t kStepPurpose = 51, kNoisePurpose = 52;

double rate_at(const DecoderTraining& options, int step) {
  const double at = (step + 0.5) / options.steps;
  if (at < kWarmUp) return options.rate * at / kWarmUp;
  const double cosine = 0.5 + 0.5 * std::cos(std::numbers::pi * (at - kWarmUp) / (1 - kWarmUp));
  return options.rate * (kLastRate + (1 - kLastRate) * cosine);
}

// A window of cells, and the alignment of its face in the window's own pixels.
struct Sample {
  torch::Tensor y, target;
  const Lesson* lesson = nullptr;
  std::optional<Similarity> alignment;
};

int place(int cells, int window, std::optional<double> centre, Random& random) {
  const int most = cells - window;
  if (!centre) return random.below(most + 1);
  // The face stays in the window: half a window around it, give or take two cells.
  const double at = *centre - window / 2.0 + random.between(-2, 2);
  return std::clamp(static_cast<int>(std::lround(at)), 0, most);
}

Sample window_of(const Lesson& lesson, int rows, int columns, int block, Random& random) {
  const auto& shape = lesson.activation->shape;
  std::optional<double> cx, cy;
  if (lesson.alignment) {
    const Similarity& s = *lesson.alignment;
    const double u = kTemplateWidth / 2.0, v = kTemplateHeight / 2.0;
    cx = (s.a * u - s.b * v + s.x) / block;
    cy = (s.b * u + s.a * v + s.y) / block;
  }
  const int row = place(static_cast<int>(shape[2]), rows, cy, random);
  const int column = place(static_cast<int>(shape[3]), columns, cx, random);
  Sample sample;
  sample.lesson = &lesson;
  sample.y = view_of_activation(*lesson.activation)
                 .slice(2, row, row + rows)
                 .slice(3, column, column + columns);
  const auto whole = to_units(fitted(*lesson.target, static_cast<int>(shape[3]) * block,
                                     static_cast<int>(shape[2]) * block));
  sample.target = whole.slice(2, row * block, (row + rows) * block)
                      .slice(3, column * block, (column + columns) * block);
  if (lesson.alignment) {
    sample.alignment = lesson.alignment;
    sample.alignment->x -= column * block;
    sample.alignment->y -= row * block;
  }
  return sample;
}

// The most cells that all lessons have, `most` at the most.
int window_side(const std::vector<const std::vector<Lesson>*>& sets, std::size_t dimension,
                int most) {
  for (const auto* set : sets) {
    for (const Lesson& lesson : *set) {
      most = std::min(most, static_cast<int>(lesson.activation->shape[dimension]));
    }
  }
  check(most >= kFewestCells, "a decoder learns from pictures of at least ", kFewestCells,
        " cells each way, got ", most);
  return most;
}

// Places of the conditions by kind, to draw from.
class ConditionDraw {
 public:
  explicit ConditionDraw(const std::vector<Condition>& conditions) {
    for (std::size_t i = 0; i < conditions.size(); ++i) {
      auto& kind = conditions[i].seen != Seen::kRelease ? ends_
                   : conditions[i].draws == 1           ? single_
                                                        : averaged_;
      kind.push_back(i);
    }
  }

  std::size_t operator()(Random& random) const {
    const double share = random.share();
    if (!single_.empty() && share < 0.65) return pick(single_, random);
    if (!averaged_.empty() && share < 0.85) return pick(averaged_, random);
    return pick(ends_.empty() ? single_ : ends_, random);
  }

 private:
  static std::size_t pick(const std::vector<std::size_t>& places, Random& random) {
    return places[random.index(places.size())];
  }

  std::vector<std::size_t> single_, averaged_, ends_;
};

class Trainer {
 public:
  Trainer(Decoder& decoder, const std::vector<Lesson>& scenes, const std::vector<Lesson>& people,
          const Recogniser* recogniser, const DecoderTraining& options)
      : decoder_(decoder),
        scenes_(scenes),
        people_(people),
        recogniser_(recogniser),
        options_(options),
        draw_(decoder.conditions()),
        rows_(window_side({&scenes, &people}, 2, options.window)),
        columns_(window_side({&scenes, &people}, 3, options.window)) {
    check(!scenes.empty() || !people.empty(), "a decoder needs lessons, got none");
  }

  torch::Tensor loss(int step) {
    Random random(options_.seed, kStepPurpose, static_cast<std::uint64_t>(step));
    torch::manual_seed(
        Random(options_.seed, kNoisePurpose, static_cast<std::uint64_t>(step)).bits());
    std::vector<Sample> samples;
    std::vector<torch::Tensor> observed, linear, targets;
    std::vector<std::size_t> conditions;
    for (int i = 0; i < options_.batch; ++i) {
      const bool person = scenes_.empty() || (!people_.empty() && i % 2 == 1);
      const auto& set = person ? people_ : scenes_;
      const Lesson& lesson = set[random.index(set.size())];
      samples.push_back(window_of(lesson, rows_, columns_, decoder_.shape().block, random));
      conditions.push_back(draw_(random));
      observed.push_back(decoder_.observe(samples.back().y, conditions.back()));
      linear.push_back(decoder_.linear(observed.back(), conditions.back()));
      targets.push_back(samples.back().target);
    }
    const auto estimate =
        torch::cat(linear) + decoder_.beyond_linear(torch::cat(observed), conditions);
    const auto error = estimate - torch::cat(targets);
    auto total = error.square().mean() + options_.absolute * error.abs().mean();
    const auto likeness = unlike(samples, conditions, estimate);
    if (likeness.defined()) total = total + options_.identity * likeness;
    return total;
  }

 private:
  // Mean of 1 - cosine over the faces of the batch that anything is known of.
  torch::Tensor unlike(const std::vector<Sample>& samples,
                       const std::vector<std::size_t>& conditions, const torch::Tensor& estimate) {
    if (recogniser_ == nullptr || options_.identity <= 0) return {};
    std::vector<torch::Tensor> faces, embeddings;
    const auto levels = to_levels(estimate);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (!samples[i].alignment || !samples[i].lesson->embedding.defined()) continue;
      if (decoder_.conditions()[conditions[i]].seen == Seen::kNoiseOnly) continue;
      faces.push_back(Recogniser::aligned(levels.narrow(0, static_cast<std::int64_t>(i), 1),
                                          *samples[i].alignment));
      embeddings.push_back(samples[i].lesson->embedding);
    }
    if (faces.empty()) return {};
    const auto found = recogniser_->embeddings(torch::cat(faces));
    return (1 - (found * torch::cat(embeddings)).sum(1)).mean();
  }

  Decoder& decoder_;
  const std::vector<Lesson>& scenes_;
  const std::vector<Lesson>& people_;
  const Recogniser* recogniser_;
  const DecoderTraining& options_;
  ConditionDraw draw_;
  int rows_, columns_;
};

}  // namespace

double train_decoder(Decoder& decoder, const std::vector<Lesson>& scenes,
                     const std::vector<Lesson>& people, const Recogniser* recogniser,
                     const DecoderTraining& options) {
  Trainer trainer(decoder, scenes, people, recogniser, options);
  const auto parameters = decoder.network()->parameters();
  torch::optim::AdamW optimizer(parameters,
                                torch::optim::AdamWOptions(options.rate).weight_decay(1e-4));
  Average average(parameters, options.decay);
  double recent = 0;
  int counted = 0;
  for (int step = 0; step < options.steps; ++step) {
    if (options.stop.stop_requested()) fail(ErrorCode::kUnavailable, "the audit was stopped");
    for (auto& group : optimizer.param_groups()) group.options().set_lr(rate_at(options, step));
    optimizer.zero_grad();
    const auto loss = trainer.loss(step);
    loss.backward();
    torch::nn::utils::clip_grad_norm_(parameters, kClipNorm);
    optimizer.step();
    average.update(step);
    const double value = loss.item<double>();
    check(std::isfinite(value), "the decoder's loss stopped being finite at step ", step);
    if (step >= options.steps * 9 / 10) {
      recent += value;
      ++counted;
    }
    if (options.progress) {
      std::ostringstream note;
      note.precision(3);
      note << "loss " << value;
      options.progress({options.name, step + 1, options.steps, note.str()});
    }
  }
  average.install();
  return counted > 0 ? recent / counted : 0;
}

}  // namespace scrim
