// A step of training under noise beside plain fine-tuning of the same tail, on the same cached
// activations, as the learner takes it: the frozen middle, loss, gradient, optimizer, average.
#include "data/detections.h"
#include "learn/encoded.h"
#include "learn/learned_code.h"
#include "learn/noisy_loss.h"
#include "learn/subjects.h"
#include "learn/views.h"
#include "network/faceboxes.h"
#include "release/safetensors.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <vector>

namespace scrim {
namespace {

constexpr std::int64_t kBatch = 32;
constexpr std::int64_t kBatches = 3;
constexpr int kWindow = 512;
constexpr int kSteps = 3;  // of a stage that is timed
constexpr double kRate = 1e-5;

struct Batch {
  torch::Tensor trunk_activation;  // what a ViewCache keeps
  std::vector<Label> labels;
};

// FaceBoxes of random weights, whose time is that of learned ones, and views of drawn faces.
struct Fixture {
  explicit Fixture(int threads) {
    torch::set_num_threads(threads);
    torch::manual_seed(1);
    const auto folder = std::filesystem::temp_directory_path() / "scrim-learn-bench";
    std::filesystem::remove_all(folder);
    generate_faces(folder, {.pictures = 16, .width = 300, .height = 200, .seed = 1});
    write_safetensors(folder / "w.safetensors", weights_of(FaceBoxes()));
    subject = open_faceboxes(folder / "w.safetensors", "inception3");
    const Pictures pictures({Dataset::open(folder)});
    const Views views(pictures, task->window(kWindow, 3), 1);
    const torch::NoGradGuard no_grad;
    for (std::int64_t i = 0; i < kBatches; ++i) {
      const ViewBatch drawn = views.draw(i * kBatch, kBatch);
      const auto input = drawn.input.contiguous(torch::MemoryFormat::ChannelsLast);
      batches.push_back({subject->trunk(input), drawn.labels});
      moments.add(activation(batches.back()));
    }
    std::filesystem::remove_all(folder);
  }
  torch::Tensor activation(const Batch& batch) {
    const torch::NoGradGuard no_grad;
    return subject->middle(batch.trunk_activation);
  }

  std::unique_ptr<Subject> subject;
  std::unique_ptr<Task> task = detection_task(kWindow);
  std::vector<Batch> batches;
  Moments moments;
};

using Loss = std::function<torch::Tensor(const Batch& batch, int step)>;

// Seconds of a step.
double seconds(Fixture& fixture, const std::vector<ParameterGroup>& further,
               const std::vector<torch::Tensor>& buffers, const Loss& loss) {
  Trainable trained = fixture.subject->train_tail();
  std::vector<ParameterGroup> groups = {{trained.parameters, kRate, 1e-4}};
  for (ParameterGroup group : further) {
    group.rate = kRate;  // so low that nothing is learned
    groups.push_back(group);
  }
  trained.buffers.insert(trained.buffers.end(), buffers.begin(), buffers.end());
  StageOptions options;
  options.name = "bench";
  options.steps = kSteps;
  const auto start = std::chrono::steady_clock::now();
  run_stage(options, groups, trained.buffers, [&](int step) {
    return loss(fixture.batches[static_cast<std::size_t>(step) % fixture.batches.size()], step);
  });
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / kSteps;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Variant {
  Objective objective = Objective::kCoded;
  bool encoder = false;
  double distil = 0;
};

std::unique_ptr<Obfuscator> obfuscator_of(const Variant& variant, const Moments& moments) {
  const Code code = closed_form_code(moments, moments, Objective::kFisher);
  if (variant.objective == Objective::kUniform) {
    return closed_form_obfuscator(closed_form_code(moments, moments, Objective::kUniform),
                                  Objective::kUniform, 8);
  }
  const auto directions = std::min<std::int64_t>(32, code.basis.size(0));
  auto learned = learned_obfuscator(code, variant.objective, directions, 8);
  if (!variant.encoder) return learned;
  return encoded_obfuscator(std::move(learned), Encoder(code.mean.numel(), 1));
}

// Both by turns, so that they see the same machine; medians are compared.
void BM_Step(benchmark::State& state, const Variant& variant) {
  Fixture fixture(static_cast<int>(state.range(0)));
  const auto obfuscator = obfuscator_of(variant, fixture.moments);
  NoisyTraining training{*fixture.subject, *fixture.task, *obfuscator, variant.distil};
  if (variant.distil > 0) training.teacher = fixture.subject->frozen_tail();
  const auto alphas = torch::linspace(0.05, 0.98, kBatch, torch::kFloat64);
  const Loss noisy = [&](const Batch& batch, int step) {
    return noisy_loss(training, fixture.activation(batch), batch.labels, alphas,
                      static_cast<std::uint64_t>(step));
  };
  const Loss plain = [&](const Batch& batch, int) {
    return fixture.task->loss(fixture.subject->tail(fixture.activation(batch)), batch.labels);
  };
  obfuscator->train(true);
  if (!std::isfinite(noisy(fixture.batches[0], 0).item<double>())) {
    return state.SkipWithError("the loss under noise is not finite");
  }
  std::vector<double> ours, peer, ratios;
  for (auto _ : state) {
    ours.push_back(seconds(fixture, obfuscator->parameters(), obfuscator->buffers(), noisy));
    peer.push_back(seconds(fixture, {}, {}, plain));
    ratios.push_back(ours.back() / peer.back());
    state.SetIterationTime(ours.back());
  }
  state.counters["samples_a_second"] = static_cast<double>(kBatch) / median(ours);
  state.counters["plain"] = static_cast<double>(kBatch) / median(peer);
  state.counters["ratio_of_times"] = median(ratios);
}

#define SCRIM_BENCH_STEP(name, ...)                      \
  BENCHMARK_CAPTURE(BM_Step, name, Variant{__VA_ARGS__}) \
      ->Arg(2)                                           \
      ->Iterations(9)                                    \
      ->UseManualTime()                                  \
      ->Unit(benchmark::kMillisecond)
SCRIM_BENCH_STEP(coded, Objective::kCoded);
SCRIM_BENCH_STEP(linear, Objective::kLinear);
SCRIM_BENCH_STEP(uniform, Objective::kUniform);
SCRIM_BENCH_STEP(coded_with_encoder, Objective::kCoded, true);
SCRIM_BENCH_STEP(coded_distilled, Objective::kCoded, false, 1);

}  // namespace
}  // namespace scrim
