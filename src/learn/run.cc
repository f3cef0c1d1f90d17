#include "learn/run.h"

#include "base/check.h"
#include "base/random.h"
#include "learn/encoded.h"
#include "learn/learned_code.h"
#include "learn/mixture.h"
#include "learn/noisy_loss.h"
#include "learn/resume.h"
#include "learn/training_record.h"
#include "noise/contract.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <sstream>

namespace scrim {
namespace {

constexpr int kStatisticsBatch = 8;
constexpr double kTailRate = 6e-4;
constexpr double kValidationAlpha = 0.95;  // or the highest alpha under it
constexpr double kRampFrom = 0.2;          // the alpha that a single one is approached from
constexpr double kRampShare = 0.3;         // of the steps
enum Purpose : std::uint64_t { kNoisePurpose = 12, kAlphaPurpose = 13 };

double logit(double p) { return std::log(p / (1 - p)); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

torch::Device device_of(const std::string& name) {
  const bool available = torch::cuda::is_available();
  if (name == "cuda" && !available) {
    fail(ErrorCode::kUnavailable, "no CUDA device that this build of libtorch can use");
  }
  return name == "cpu" || !available ? torch::kCPU : torch::kCUDA;
}

InputRules rules_of(const LearnOptions& options) {
  InputRules rules;
  rules.scale = options.scale;
  return rules;
}

std::unique_ptr<Obfuscator> obfuscator_of(const LearnOptions& options, const Moments& activation,
                                          const Moments& gradient, torch::Device device) {
  const auto clip = static_cast<float>(options.clip);
  if (options.objective == Objective::kMixture) {
    return mixture_obfuscator(activation, options.noise_weight, clip);
  }
  const Code code = closed_form_code(activation, gradient, options.objective);
  if (options.objective == Objective::kFisher || options.objective == Objective::kUniform) {
    return closed_form_obfuscator(code, options.objective, clip);
  }
  const auto directions = std::min<std::int64_t>(options.directions, code.basis.size(0));
  auto learned = learned_obfuscator(code, options.objective, directions, clip);
  if (!options.encoder) return learned;
  Encoder encoder(code.mean.numel(), options.seed);
  encoder->to(device);
  return encoded_obfuscator(std::move(learned), encoder);
}

}  // namespace

Run::Run(std::unique_ptr<Subject> subject, std::unique_ptr<Task> task,
         const std::string& subject_digest, const Dataset& train, const LearnOptions& options)
    : options_(options),
      train_(train),
      device_(device_of(options.device)),
      subject_(std::move(subject)),
      task_(std::move(task)),
      pictures_({train}),
      split_(split_pictures(pictures_.size(), options.seed)),
      views_(pictures_, split_.training, task_->window(options.window, options.scale),
             options.seed),
      cache_(
          views_, [this](const torch::Tensor& x) { return subject_->trunk(channels_last(x)); },
          options.views * static_cast<std::int64_t>(split_.training.size()),
          std::min<std::int64_t>(2, options.views) *
              static_cast<std::int64_t>(split_.training.size()),
          options.seed, device_.is_cuda() ? options.threads : 1),
      state_(open_state(options, train.digest(), subject_digest)) {
  subject_->to(device_);
  if (options.epoch_steps > 0) {
    validator_.emplace(*subject_, *task_, pictures_, split_.validation, rules_of(options), device_);
  }
}

LearnResult Run::learn() {
  const auto start = std::chrono::steady_clock::now();
  if (options_.adapt_steps > 0) adapt();
  measure_activation();
  if (options_.tail_steps > 0) train_tail();
  keep_promise();
  LearnResult result = seal();
  std::filesystem::remove_all(state_);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

// On the device, in the order that its convolutions are quick with: turned there, not here.
torch::Tensor Run::channels_last(const torch::Tensor& input) const {
  return input.to(device_).contiguous(torch::MemoryFormat::ChannelsLast);
}

StageOptions Run::stage(const std::string& name, int steps) const {
  StageOptions stage;
  stage.name = name;
  stage.steps = steps;
  stage.state = state_ / (name + ".state");
  stage.resume = options_.resume;
  stage.progress = options_.progress;
  stage.stop = options_.stop;
  if (validator_ && !validator_->empty()) {
    stage.validation.steps = options_.epoch_steps;
    stage.validation.patience = options_.patience;
    stage.validation.metric = task_->metric();
  }
  return stage;
}

CachedBatch Run::next_batch(int step) {
  CachedBatch batch = cache_.batch(step, kBatch, [this](std::int64_t done, std::int64_t total) {
    if (total <= ViewCache::kFresh) return;
    if (options_.progress) options_.progress({"draw views", done, total, ""});
    if (options_.stop.stop_requested()) {
      fail(ErrorCode::kUnavailable, "stopped while drawing views; --resume goes on");
    }
  });
  return batch;
}

// The clean network on the data, everything after the trunk: SGD, momentum .9.
void Run::adapt() {
  const Trainable trained = subject_->train_middle_and_tail();
  StageOptions options = stage("adapt", options_.adapt_steps);
  options.sgd = true;
  options.validation.score = [this] { return validator_->clean(); };
  const ParameterGroup all{trained.parameters, 1e-3, 5e-4};
  adapted_ = run_stage(options, {all}, trained.buffers, [&](int step) {
    const CachedBatch batch = next_batch(step);
    return task_->loss(subject_->tail(subject_->middle(batch.trunk_activation)), batch.labels);
  });
  subject_->to(torch::kCPU);
  clean_network_ = subject_->clean_network();
  subject_->to(device_);
}

torch::Tensor Run::gather(const std::vector<std::size_t>& chosen, int count,
                          const std::string& what, Moments& activation, Moments* gradient) {
  const Views views(pictures_, chosen, task_->window(options_.window, options_.scale),
                    options_.seed + 1);
  std::vector<torch::Tensor> activations;
  for (int first = 0; first < count; first += kStatisticsBatch) {
    const ViewBatch batch = views.draw(first, kStatisticsBatch);
    torch::Tensor z;
    {
      torch::NoGradGuard no_grad;
      z = subject_->middle(subject_->trunk(channels_last(batch.input)));
      if (obfuscator_) z = obfuscator_->encoded(z);
    }
    activation.add(z);
    if (gradient != nullptr) {
      z = z.detach().requires_grad_(true);
      task_->loss(subject_->tail(z), batch.labels).backward();
      gradient->add(z.grad());
    } else {
      activations.push_back(z.to(torch::kCPU));
    }
    if (options_.progress) options_.progress({what, first + kStatisticsBatch, count, ""});
  }
  return activations.empty() ? torch::Tensor() : torch::cat(activations);
}

void Run::measure_activation() {
  subject_->freeze();
  Moments activation, gradient;
  gather(split_.statistics, options_.statistics_views, "statistics", activation, &gradient);
  obfuscator_ = obfuscator_of(options_, activation, gradient, device_);
}

// With several calibrated alphas each sample has its own, uniform in the logit between the first
// and the last; a single one is approached from .2.
torch::Tensor Run::draw_alphas(int step, std::int64_t count) const {
  Random random(options_.seed, kAlphaPurpose, static_cast<std::uint64_t>(step));
  const double last = logit(options_.alphas.back());
  const bool single = options_.alphas.size() == 1;
  const double first = single ? std::min(logit(kRampFrom), last) : logit(options_.alphas.front());
  const double ramp = std::min(1.0, step / std::max(1.0, kRampShare * options_.tail_steps));
  std::vector<double> alphas;
  for (std::int64_t i = 0; i < count; ++i) {
    alphas.push_back(logistic(first + (last - first) * (single ? ramp : random.share())));
  }
  return torch::tensor(alphas, torch::kFloat64);
}

double Run::validation_alpha() const {
  double best = options_.alphas.front();
  for (const double alpha : options_.alphas) {
    if (alpha <= kValidationAlpha) best = alpha;
  }
  return best;
}

void Run::train_tail() {
  Trainable trained = subject_->train_tail();
  for (const auto& buffer : obfuscator_->buffers()) trained.buffers.push_back(buffer);
  StageOptions options = stage("tail", options_.tail_steps);
  const double alpha = validation_alpha();
  std::ostringstream figures;
  figures << "at alpha " << alpha << ", " << std::setprecision(3) << bits_per_element(alpha)
          << " bits per element";
  if (options_.objective != Objective::kMixture) options.figures = figures.str();
  options.validation.score = [this, alpha] {
    obfuscator_->train(false);
    const double score = validator_->noisy(*obfuscator_, alpha);
    obfuscator_->train(true);
    return score;
  };
  options.after_step = [this](int step) { obfuscator_->after_step(step); };
  std::vector<ParameterGroup> groups = {{trained.parameters, kTailRate, 1e-4}};
  for (auto& group : obfuscator_->parameters()) groups.push_back(group);
  NoisyTraining training{*subject_, *task_, *obfuscator_, options_.distil};
  if (options_.distil > 0) training.teacher = subject_->frozen_tail();
  std::optional<Nuisance> nuisance;
  if (options_.nuisance > 0) {
    nuisance.emplace(task_->answer_groups(), obfuscator_->code().basis.size(0));
    for (const auto& buffer : nuisance->buffers()) trained.buffers.push_back(buffer);
    training.price = options_.nuisance;
    training.nuisance = &*nuisance;
  }
  obfuscator_->train(true);
  trained_ = run_stage(options, groups, trained.buffers, [&](int step) {
    const CachedBatch batch = next_batch(options_.adapt_steps + step);
    torch::Tensor z;
    {
      torch::NoGradGuard no_grad;
      z = subject_->middle(batch.trunk_activation);
    }
    const auto seed = Random(options_.seed, kNoisePurpose, static_cast<std::uint64_t>(step)).bits();
    return noisy_loss(training, z, batch.labels, draw_alphas(step, z.size(0)), seed);
  });
  obfuscator_->train(false);
}

void Run::keep_promise() {
  subject_->freeze();
  options_.alphas = obfuscator_->alphas(options_.alphas);
  if (obfuscator_->encoder()) {
    Moments encoded;
    gather(split_.statistics, options_.statistics_views, "encoder statistics", encoded, nullptr);
    obfuscator_->calibrate(encoded);
  }
  const int count = std::max(kStatisticsBatch, options_.statistics_views / 2);
  Moments margin, held_out;
  gather(split_.margin, count, "margin", margin, nullptr);
  const auto cells = gather(split_.held_out, count, "held-out", held_out, nullptr);
  promise_ = make_promise(*obfuscator_, options_.alphas, static_cast<float>(options_.clip), margin,
                          held_out, cells);
}

std::vector<double> Run::validation_scores() const {
  std::vector<double> scores;
  if (!validator_ || validator_->empty()) return scores;
  for (const double alpha : options_.alphas)
    scores.push_back(validator_->noisy(*obfuscator_, alpha));
  return scores;
}

LearnResult Run::seal() {
  ReleaseParts parts;
  parts.evidence["training.json"] =
      training_record(options_, promise_,
                      {.adapted = adapted_,
                       .tail = trained_,
                       .metric = task_->metric(),
                       .scores = validation_scores(),
                       .validation_pictures = split_.validation.size(),
                       .pictures = pictures_.size(),
                       .skipped = pictures_.skipped()});
  subject_->to(torch::kCPU);
  parts.manifest.model = subject_->model();
  parts.manifest.task = task_->name();
  parts.manifest.classes = train_.classes();
  parts.manifest.split_point = subject_->split_point();
  parts.manifest.objective = objective_name(options_.objective);
  parts.manifest.input.scale = options_.scale;
  parts.manifest.stride = subject_->stride();
  parts.manifest.alphas = options_.alphas;
  parts.manifest.data_digest = train_.digest();
  parts.noise = promise_.noise;
  parts.head = state_ / "head.pt";
  parts.tail = state_ / "tail.pt";
  Encoder encoder = obfuscator_->encoder();
  if (encoder) encoder->to(torch::kCPU);
  subject_->export_head(promise_.noise, parts.head, encoder);
  NoiseParameters decoding = promise_.noise;  // the tail adds what the code adds to the mean
  const Code code = obfuscator_->code();
  if (code.offset.defined()) {
    for (std::size_t n = 0; n < decoding.mean.size(); ++n)
      decoding.mean[n] += code.offset[static_cast<std::int64_t>(n)].item<float>();
  }
  subject_->export_tail(decoding, parts.tail);
  LearnResult result;
  if (clean_network_) {
    parts.evidence[clean_network_->name] = clean_network_->bytes;
    result.adapted = options_.output / "evidence" / clean_network_->name;
  }
  result.release = Release::write(options_.output, parts).folder();
  result.alphas = options_.alphas;
  result.realised_alphas = promise_.realised_alphas;
  return result;
}

}  // namespace scrim
