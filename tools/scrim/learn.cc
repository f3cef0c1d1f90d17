// scrim learn: weights and pictures in, a sealed release out.
#include "commands.h"
#include "files.h"
#include "flags.h"

#include <scrim/learn.h>

#include <algorithm>
#include <cmath>
#include <iomanip>

namespace scrim::cli {
namespace {

struct LearnFlags {
  std::string weights, output, recipe = "quick", objective = "coded";
  DatasetFlags dataset;
  ViewFlags views;
  LearnOptions options;
};

void check_flags(const LearnFlags& flags) {
  const LearnOptions& o = flags.options;
  require(!flags.weights.empty(), "name the weights to start from");
  require(!flags.output.empty(), "--output is missing; it names the release folder");
  require(!o.alphas.empty(), "--alpha needs a value");
  for (const double alpha : o.alphas) check_alpha(alpha);
  flags.views.check();
  check_range("--statistics-views", o.statistics_views, 1, 1e5);
  check_range("--views", o.views, 1, 1000);
  check_range("--directions", o.directions, 1, 1e5);
  check_range("--clip", o.clip, 0.1, 511);
  check_range("--distil", o.distil, 0, 100);
  check_range("--nuisance", o.nuisance, 0, 100);
  check_range("--noise-weight", o.noise_weight, 1e-6, 1 - 1e-6);
  check_range("--adapt-steps", o.adapt_steps, 0, 1e6);
  check_range("--tail-steps", o.tail_steps, 0, 1e6);
  check_range("--epoch-steps", o.epoch_steps, 0, 1e6);
  check_range("--patience", o.patience, 0, 1e6);
  check_threads(o.threads);
}

// Asked before the work and not after: whether a release may be put there.
void check_output(const std::filesystem::path& output) {
  std::error_code ignored;
  require(!std::filesystem::exists(output, ignored) ||
              std::filesystem::exists(output / "manifest.json", ignored),
          output.string(), " exists and is not a release; name another --output");
}

// Learns from one file, or from the pair in a folder.
LearnResult learn_from(const LearnFlags& flags, const Dataset& dataset,
                       const LearnOptions& options) {
  const std::filesystem::path weights = flags.weights;
  std::error_code ignored;
  if (!std::filesystem::is_directory(weights, ignored)) return learn(weights, dataset, options);
  return learn(weights / "head.pt", weights / "tail.pt", dataset, options);
}

void print(const LearnResult& result, const Session& session) {
  const Release release = Release::open(result.release);
  const NoiseParameters& noise = release.noise();
  session.out << result.release.string() << "  " << noise.directions << " of " << noise.channels
              << " directions after " << release.manifest().split_point << "\n"
              << std::fixed;
  for (std::size_t i = 0; i < noise.alphas.size(); ++i) {
    session.out << "  alpha " << std::setprecision(3) << noise.alphas[i] << "  at most "
                << std::setprecision(4) << -std::log2(noise.alphas[i]) / 2 << " bits per element";
    if (i < result.realised_alphas.size()) {
      session.out << ", on held-out pictures alpha " << result.realised_alphas[i];
    }
    session.out << "\n";
  }
  if (!result.adapted.empty()) {
    session.out << "  the adapted clean network: " << result.adapted.string() << "\n";
  }
  session.log << "learned in " << std::setprecision(0) << std::fixed << result.seconds << " s\n";
}

void declare_flags(CLI::App& app, LearnFlags& flags) {
  LearnOptions& o = flags.options;
  app.add_option("WEIGHTS", flags.weights,
                 "safetensors or TorchScript, or a folder with head.pt and tail.pt");
  flags.dataset.declare(app);
  app.add_option("--output", flags.output, "the release, as in faces.scrim")->type_name("FOLDER");
  declare_alphas(app, o.alphas, "calibrated ones; one tail serves all");
  app.get_option("--alpha")->default_str("ten from 0.05 to 0.98");
  app.add_option("--split-point", o.split_point, "the module whose output crosses the cut")
      ->type_name("NAME");
  app.add_option("--recipe", flags.recipe, "steps and views: quick (minutes) or full (an hour)")
      ->type_name("NAME");
  app.add_option("--objective", flags.objective, "coded, linear, fisher, uniform or mixture")
      ->type_name("NAME");
  app.add_option("--directions", o.directions, "sent by a learned code")->type_name("N");
  app.add_flag("--encoder", o.encoder, "learn a small network of the client's before the code");
  app.add_option("--clip", o.clip, "of a direction, in standard deviations")->type_name("X");
  app.add_option("--noise-weight", o.noise_weight, "of --objective mixture")->type_name("W");
  app.add_option("--distil", o.distil, "weight of agreement with the clean tail; 0 for none")
      ->type_name("W");
  app.add_option("--nuisance", o.nuisance, "price of telling which face it is; 0 for none")
      ->type_name("W");
  flags.views.declare(app);
}

// What a recipe sets; given by hand they win.
void declare_steps(CLI::App& app, LearnOptions& o) {
  app.add_option("--views", o.views, "windows cached per picture")->type_name("N");
  app.add_option("--statistics-views", o.statistics_views, "that the noise is computed from")
      ->type_name("N")
      ->group("");
  app.add_option("--adapt-steps", o.adapt_steps, "of the clean network; 0 keeps its weights")
      ->type_name("N");
  app.add_option("--tail-steps", o.tail_steps, "of noise and tail; 0 keeps both")->type_name("N");
  app.add_option("--epoch-steps", o.epoch_steps, "between validations; 0 for none")->type_name("N");
  app.add_option("--patience", o.patience, "epochs without gain that end a stage; 0 for no end")
      ->type_name("N");
  app.add_option("--seed", o.seed, "the same seed learns the same release")->type_name("N");
  app.add_flag("--resume", o.resume, "go on where a stopped run ended");
  declare_threads(app, o.threads);
  app.add_option("--device", o.device, "auto, cpu or cuda")->type_name("NAME");
}

// The recipe's figures for the flags that were not given.
void apply_recipe(const CLI::App& app, const std::string& name, LearnOptions& options) {
  require(name == "quick" || name == "full", "--recipe must be quick or full, got '", name, "'");
  const LearnOptions recipe = name == "full" ? LearnOptions::full() : LearnOptions::quick();
  const auto take = [&app](const char* flag, auto& value, auto from_recipe) {
    if (app.count(flag) == 0) value = from_recipe;
  };
  take("--views", options.views, recipe.views);
  take("--statistics-views", options.statistics_views, recipe.statistics_views);
  take("--adapt-steps", options.adapt_steps, recipe.adapt_steps);
  take("--tail-steps", options.tail_steps, recipe.tail_steps);
  take("--epoch-steps", options.epoch_steps, recipe.epoch_steps);
  take("--patience", options.patience, recipe.patience);
  take("--distil", options.distil, recipe.distil);
}

}  // namespace

Action declare_learn(CLI::App& app) {
  const auto flags = make_flags<LearnFlags>();
  declare_flags(app, *flags);
  declare_steps(app, flags->options);
  return [flags, &app](const Session& session) {
    apply_recipe(app, flags->recipe, flags->options);
    check_flags(*flags);
    LearnOptions options = flags->options;
    options.output = flags->output;
    options.objective = objective_of(flags->objective);
    // The library wants them as a set; a person may type them in any order.
    std::sort(options.alphas.begin(), options.alphas.end());
    options.alphas.erase(std::unique(options.alphas.begin(), options.alphas.end()),
                         options.alphas.end());
    options.progress = session.progress;
    options.stop = session.stop;
    const Dataset dataset = flags->dataset.open();
    flags->views.apply(dataset, options.scale, options.window);
    check_output(options.output);
    check_output_folder(options.output);
    print(learn_from(*flags, dataset, options), session);
    return 0;
  };
}

}  // namespace scrim::cli
