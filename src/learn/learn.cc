#include <scrim/learn.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/json.h"
#include "learn/allocation.h"
#include "learn/multibox.h"
#include "learn/resume.h"
#include "learn/stage.h"
#include "learn/subject.h"
#include "learn/training_noise.h"
#include "learn/view_cache.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace scrim {
namespace {

constexpr int kBatch = 32;
constexpr float kClip = 8;  // standard deviations; clipping at 4 costs accuracy, 6 to 8 does not
constexpr int kStatisticsBatch = 8;
constexpr double kBitsTolerance = 1.02;  // of the promised bits, on held-out pictures
enum Purpose : std::uint64_t { kSplitPurpose = 14 };

void check_options(const LearnOptions& options) {
  check(!options.output.empty(), "learning needs an output folder");
  check(!options.alphas.empty(), "learning needs at least 1 alpha");
  for (const double alpha : options.alphas) {
    check(alpha > 0 && alpha < 1, "alpha must be in (0, 1), got ", alpha);
  }
  check(
      std::is_sorted(options.alphas.begin(), options.alphas.end()) &&
          std::adjacent_find(options.alphas.begin(), options.alphas.end()) == options.alphas.end(),
      "alphas must ascend and differ");
  check(options.views > 0, "views must be at least 1, got ", options.views);
  check(options.adapt_steps >= 0, "adapt steps must be at least 0, got ", options.adapt_steps);
  check(options.tail_steps >= 0, "tail steps must be at least 0, got ", options.tail_steps);
  check(options.scale > 0, "scale must be above 0, got ", options.scale);
  check(options.window >= 64 && options.window % 64 == 0, "window must be a multiple of 64, got ",
        options.window);
  check(options.threads > 0, "threads must be at least 1, got ", options.threads);
}

// Which pictures the statistics see, which widen the variances, and which only measure. A small
// set serves all three purposes.
struct PictureSplit {
  std::vector<std::size_t> statistics, margin, held_out;
};

PictureSplit split_pictures(std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  Random random(seed, kSplitPurpose, 0);
  for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.index(i)]);
  if (count < 10) return {order, order, order};
  const auto tenth = static_cast<std::ptrdiff_t>(count / 10);
  return {{order.begin() + 2 * tenth, order.end()},
          {order.begin(), order.begin() + tenth},
          {order.begin() + tenth, order.begin() + 2 * tenth}};
}

// One run of learn(): its stages in order, each leaving what the next one needs.
class Run {
 public:
  Run(std::unique_ptr<Subject> subject, const std::string& subject_digest, const Dataset& train,
      const LearnOptions& options)
      : options_(options),
        train_(train),
        subject_(std::move(subject)),
        pictures_({train}),
        views_(pictures_, window_options(), options.seed),
        cache_(
            views_, [this](const torch::Tensor& x) { return subject_->trunk(x); },
            options.views * static_cast<std::int64_t>(pictures_.size()),
            std::min<std::int64_t>(2, options.views) * static_cast<std::int64_t>(pictures_.size()),
            options.seed),
        split_(split_pictures(pictures_.size(), options.seed)),
        state_(open_state(options, train.digest(), subject_digest)) {}

  LearnResult learn() {
    const auto start = std::chrono::steady_clock::now();
    if (options_.adapt_steps > 0) adapt();
    measure_activation();
    if (options_.tail_steps > 0) train_tail();
    LearnResult result = seal();
    std::filesystem::remove_all(state_);
    result.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
  }

 private:
  WindowOptions window_options() const {
    WindowOptions window;
    window.size = options_.window;
    window.scale = options_.scale;
    return window;
  }

  StageOptions stage(const std::string& name, int steps) const {
    StageOptions stage;
    stage.name = name;
    stage.steps = steps;
    stage.state = state_ / (name + ".state");
    stage.resume = options_.resume;
    stage.progress = options_.progress;
    stage.stop = options_.stop;
    return stage;
  }

  CachedBatch next_batch(int step) {
    return cache_.batch(step, kBatch, [this](std::int64_t done, std::int64_t total) {
      if (options_.progress && total > ViewCache::kFresh)
        options_.progress({"draw views", done, total, ""});
      if (options_.stop.stop_requested() && total > ViewCache::kFresh) {
        fail(ErrorCode::kUnavailable, "stopped while drawing views; --resume goes on");
      }
    });
  }

  // The clean network on the data, everything after the trunk: SGD, momentum .9.
  void adapt() {
    const Trainable trained = subject_->train_middle_and_tail();
    StageOptions options = stage("adapt", options_.adapt_steps);
    options.sgd = true;
    options.rate = 1e-3;
    options.weight_decay = 5e-4;
    run_stage(options, trained.parameters, trained.buffers, [&](int step) {
      const CachedBatch batch = next_batch(step);
      const auto [loc, logits] = subject_->tail(subject_->middle(batch.trunk_activation));
      return multibox_loss(loc, logits, stack_targets(batch.targets));
    });
    clean_weights_ = subject_->clean_weights();
  }

  // Moments of the activation (and of the loss gradient there) over views of the given pictures.
  void gather(const std::vector<std::size_t>& chosen, int count, const std::string& what,
              Moments& activation, Moments* gradient) {
    const Views views(pictures_, chosen, window_options(), options_.seed + 1);
    for (int first = 0; first < count; first += kStatisticsBatch) {
      const ViewBatch batch = views.draw(first, kStatisticsBatch);
      torch::Tensor z;
      {
        torch::NoGradGuard no_grad;
        z = subject_->middle(
            subject_->trunk(batch.input.contiguous(torch::MemoryFormat::ChannelsLast)));
      }
      activation.add(z);
      if (gradient != nullptr) {
        z = z.detach().requires_grad_(true);
        const auto [loc, logits] = subject_->tail(z);
        multibox_loss(loc, logits, stack_targets(views.targets(batch.faces))).backward();
        gradient->add(z.grad());
      }
      if (options_.progress) options_.progress({what, first + kStatisticsBatch, count, ""});
    }
  }

  void measure_activation() {
    subject_->freeze();
    Moments activation, gradient, margin;
    gather(split_.statistics, options_.statistics_views, "statistics", activation, &gradient);
    Code code = closed_form_code(activation, gradient, options_.allocation);
    gather(split_.margin, std::max(kStatisticsBatch, options_.statistics_views / 2), "margin",
           margin, nullptr);
    widen(code, margin);
    Moments held_out;
    gather(split_.held_out, std::max(kStatisticsBatch, options_.statistics_views / 2), "held-out",
           held_out, nullptr);
    measure_promise(code, held_out);
    if (bits_exceed_promise()) {  // few or unlike pictures: keep the promise on these as well
      widen(code, held_out);
      measure_promise(code, held_out);
    }
    training_noise_.emplace(code, options_.alphas, options_.allocation, kClip, options_.tail_steps,
                            options_.seed);
  }

  // The release's parameters for this code, and the alpha that held-out pictures give them.
  void measure_promise(const Code& code, const Moments& held_out) {
    noise_ = noise_parameters(code, options_.alphas, options_.allocation, kClip);
    const auto variances = direction_variances(noise_, held_out);
    noise_.held_out_variance.assign(variances.begin(), variances.end());
    realised_alphas_.clear();
    for (std::size_t a = 0; a < options_.alphas.size(); ++a) {
      realised_alphas_.push_back(realised_alpha(noise_, a, variances));
    }
  }

  bool bits_exceed_promise() const {
    for (std::size_t a = 0; a < options_.alphas.size(); ++a) {
      if (std::log(realised_alphas_[a]) < kBitsTolerance * std::log(options_.alphas[a]))
        return true;
    }
    return false;
  }

  void train_tail() {
    const Trainable trained = subject_->train_tail();
    StageOptions options = stage("tail", options_.tail_steps);
    options.rate = 6e-4;
    run_stage(options, trained.parameters, trained.buffers, [&](int step) {
      const CachedBatch batch = next_batch(options_.adapt_steps + step);
      torch::Tensor noisy;
      {
        torch::NoGradGuard no_grad;
        noisy = (*training_noise_)(subject_->middle(batch.trunk_activation), step);
      }
      const auto [loc, logits] = subject_->tail(noisy);
      return multibox_loss(loc, logits, stack_targets(batch.targets));
    });
  }

  std::string training_record() const {
    Json record = {{"alphas", options_.alphas},
                   {"realised_alphas", realised_alphas_},
                   {"directions", noise_.directions},
                   {"channels", noise_.channels},
                   {"pictures", pictures_.size()},
                   {"skipped", pictures_.skipped()},
                   {"adapt_steps", options_.adapt_steps},
                   {"tail_steps", options_.tail_steps},
                   {"batch", kBatch},
                   {"window", options_.window},
                   {"views_per_picture", options_.views},
                   {"statistics_views", options_.statistics_views},
                   {"seed", options_.seed}};
    return record.dump(2) + "\n";
  }

  LearnResult seal() {
    subject_->freeze();
    ReleaseParts parts;
    parts.manifest.model = subject_->model();
    parts.manifest.task = "face-detection";
    parts.manifest.split_point = options_.split_point;
    parts.manifest.objective = options_.allocation == Allocation::kFisher ? "fisher" : "uniform";
    parts.manifest.input.scale = options_.scale;
    parts.manifest.stride = subject_->stride();
    parts.manifest.alphas = options_.alphas;
    parts.manifest.data_digest = train_.digest();
    parts.noise = noise_;
    parts.head = state_ / "head.pt";
    parts.tail = state_ / "tail.pt";
    subject_->export_halves(noise_, parts.head, parts.tail);
    parts.evidence["training.json"] = training_record();
    LearnResult result;
    if (clean_weights_) {
      parts.evidence["adapted.safetensors"] = *clean_weights_;
      result.adapted = options_.output / "evidence" / "adapted.safetensors";
    }
    result.release = Release::write(options_.output, parts).folder();
    result.realised_alphas = realised_alphas_;
    return result;
  }

  LearnOptions options_;
  const Dataset& train_;
  std::unique_ptr<Subject> subject_;
  Pictures pictures_;
  Views views_;
  ViewCache cache_;
  PictureSplit split_;
  std::filesystem::path state_;
  std::optional<std::string> clean_weights_;
  NoiseParameters noise_;
  std::vector<double> realised_alphas_;
  std::optional<TrainingNoise> training_noise_;
};

LearnResult learn_subject(const LearnOptions& options, const Dataset& train,
                          const std::string& subject_digest,
                          const std::function<std::unique_ptr<Subject>()>& open) {
  check_options(options);
  torch::set_num_threads(options.threads);
  torch::manual_seed(options.seed);
  return Run(open(), subject_digest, train, options).learn();
}

}  // namespace

LearnResult learn(const std::filesystem::path& weights, const Dataset& train,
                  const LearnOptions& options) {
  return learn_subject(options, train, sha256_of_file(weights),
                       [&] { return Subject::open(weights, options.split_point); });
}

LearnResult learn(const std::filesystem::path& head, const std::filesystem::path& tail,
                  const Dataset& train, const LearnOptions& options) {
  return learn_subject(options, train, sha256_of_file(head) + sha256_of_file(tail),
                       [&] { return Subject::open_pair(head, tail); });
}

}  // namespace scrim
