#include "base/check.h"

#include <scrim/learn.h>

#include <algorithm>
#include <array>

namespace scrim {
namespace {

struct Name {
  Objective objective;
  const char* name;
};
constexpr std::array<Name, 5> kNames = {{{Objective::kCoded, "coded"},
                                         {Objective::kLinear, "linear"},
                                         {Objective::kFisher, "fisher"},
                                         {Objective::kUniform, "uniform"},
                                         {Objective::kMixture, "mixture"}}};

void check_views(int window, double scale, int threads) {
  check(scale > 0, "scale must be above 0, got ", scale);
  check(window >= 64 && window % 64 == 0, "window must be a multiple of 64, got ", window);
  check(threads > 0, "threads must be at least 1, got ", threads);
}

void check_alphas(const std::vector<double>& alphas) {
  check(!alphas.empty(), "learning needs at least 1 alpha");
  for (const double alpha : alphas) {
    check(alpha > 0 && alpha < 1, "alpha must be in (0, 1), got ", alpha);
  }
  check(std::is_sorted(alphas.begin(), alphas.end()) &&
            std::adjacent_find(alphas.begin(), alphas.end()) == alphas.end(),
        "alphas must ascend and differ");
}

}  // namespace

std::string objective_name(Objective objective) {
  return std::find_if(kNames.begin(), kNames.end(),
                      [objective](const Name& one) { return one.objective == objective; })
      ->name;
}

Objective objective_of(const std::string& name) {
  for (const Name& one : kNames) {
    if (one.name == name) return one.objective;
  }
  fail(ErrorCode::kInvalidArgument,
       "objective must be coded, linear, fisher, uniform or mixture, got '", name, "'");
}

LearnOptions LearnOptions::full() {
  LearnOptions options;
  options.adapt_steps = 1500;
  options.tail_steps = 4000;
  options.views = 12;
  options.statistics_views = 352;
  options.epoch_steps = 500;
  options.distil = 1;
  return options;
}

void LearnOptions::validate() const {
  check(!output.empty(), "learning needs an output folder");
  check_alphas(alphas);
  check(directions > 0, "directions must be at least 1, got ", directions);
  check(!encoder || objective == Objective::kCoded || objective == Objective::kLinear,
        "an encoder is learned with objective coded or linear, not with ",
        objective_name(objective));
  check(noise_weight > 0 && noise_weight < 1, "the noise weight must be in (0, 1), got ",
        noise_weight);
  check(distil >= 0 && distil <= 100, "distil must be in [0, 100], got ", distil);
  check(nuisance >= 0 && nuisance <= 100, "nuisance must be in [0, 100], got ", nuisance);
  check(nuisance == 0 || objective == Objective::kCoded || objective == Objective::kLinear,
        "nuisance has a price with objective coded or linear, not with ",
        objective_name(objective));
  check(clip > 0 && clip <= 511, "clip must be in (0, 511], got ", clip);
  check(views > 0, "views must be at least 1, got ", views);
  check(statistics_views > 0, "statistics views must be at least 1, got ", statistics_views);
  check(adapt_steps >= 0, "adapt steps must be at least 0, got ", adapt_steps);
  check(tail_steps >= 0, "tail steps must be at least 0, got ", tail_steps);
  check(epoch_steps >= 0, "epoch steps must be at least 0, got ", epoch_steps);
  check(patience >= 0, "patience must be at least 0, got ", patience);
  check_views(window, scale, threads);
  check(device == "auto" || device == "cpu" || device == "cuda",
        "device must be auto, cpu or cuda, got '", device, "'");
}

TrainOptions TrainOptions::classifier() {
  TrainOptions options;
  options.steps = 1000;
  options.batch = 64;
  options.window = 64;
  options.rate = 3e-3;
  options.zoom = 0.15;
  options.scale = 1.0;
  return options;
}

void TrainOptions::validate() const {
  check(!output.empty(), "training needs an output file");
  check(steps > 0, "steps must be at least 1, got ", steps);
  check(batch > 1, "batch must be at least 2 for batch norm, got ", batch);
  check(rate > 0, "rate must be above 0, got ", rate);
  check(zoom >= 0, "zoom must be at least 0, got ", zoom);
  check_views(window, scale, threads);
}

}  // namespace scrim
