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

struct Flags {
  std::string weights, head, tail, output, allocation = "fisher";
  DatasetFlags dataset;
  LearnOptions options;
};

void check_flags(const Flags& flags) {
  const LearnOptions& o = flags.options;
  require(flags.head.empty() == flags.tail.empty(), "--head and --tail go together");
  require(flags.weights.empty() != flags.head.empty(),
          "name the weights to start from, or else --head and --tail");
  require(!flags.output.empty(), "--output is missing; it names the release folder");
  require(!o.alphas.empty(), "--alpha needs a value");
  for (const double alpha : o.alphas) check_alpha(alpha);
  require(flags.allocation == "fisher" || flags.allocation == "uniform",
          "--allocation must be fisher or uniform, got '", flags.allocation, "'");
  check_range("--scale", o.scale, 0.1, 16);
  require(o.window >= 64 && o.window <= 4096 && o.window % 64 == 0,
          "--window must be a multiple of 64 up to 4096, got ", o.window);
  check_range("--statistics-views", o.statistics_views, 1, 1e5);
  check_range("--views", o.views, 1, 1000);
  check_range("--adapt-steps", o.adapt_steps, 0, 1e6);
  check_range("--tail-steps", o.tail_steps, 0, 1e6);
  check_range("--threads", o.threads, 1, 256);
}

// Asked before the work and not after: whether a release may be put there.
void check_output(const std::filesystem::path& output) {
  std::error_code ignored;
  require(!std::filesystem::exists(output, ignored) ||
              std::filesystem::exists(output / "manifest.json", ignored),
          output.string(), " exists and is not a release; name another --output");
}

// Learns from one file, or from the pair that --head and --tail or a folder name.
LearnResult learn_from(const Flags& flags, const Dataset& dataset, const LearnOptions& options) {
  const std::filesystem::path weights = flags.weights;
  if (weights.empty()) return learn(flags.head, flags.tail, dataset, options);
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

void declare_flags(CLI::App& app, Flags& flags) {
  LearnOptions& o = flags.options;
  app.add_option("WEIGHTS", flags.weights, "FaceBoxes as safetensors, or a TorchScript file");
  app.add_option("--head", flags.head, "with --tail: a TorchScript pair in place of WEIGHTS")
      ->type_name("FILE");
  app.add_option("--tail", flags.tail, "outputs loc and class probabilities over FaceBoxes' priors")
      ->type_name("FILE");
  flags.dataset.declare(app);
  app.add_option("--output", flags.output, "the release, as in faces.scrim")->type_name("FOLDER");
  declare_alphas(app, o.alphas, "alphas to calibrate, each in (0, 1); one tail serves all");
  app.add_option("--split-point", o.split_point, "the module whose output crosses the cut")
      ->type_name("NAME");
  app.add_option("--allocation", flags.allocation, "how bits are spent: fisher or uniform")
      ->type_name("NAME");
  app.add_option("--scale", o.scale, "enlargement of the pictures, also later in use")
      ->type_name("X");
  app.add_option("--window", o.window, "pixels of a training view, a multiple of 64")
      ->type_name("N");
  app.add_option("--views", o.views, "windows cached per picture")->type_name("N");
  app.add_option("--statistics-views", o.statistics_views, "that the noise is computed from")
      ->type_name("N");
  app.add_option("--adapt-steps", o.adapt_steps, "of the clean network; 0 keeps its weights")
      ->type_name("N");
  app.add_option("--tail-steps", o.tail_steps, "of the tail under noise; 0 keeps it")
      ->type_name("N");
  app.add_option("--seed", o.seed, "the same seed learns the same release")->type_name("N");
  app.add_flag("--resume", o.resume, "go on where a stopped run ended");
  app.add_option("--threads", o.threads, "of the tensor library")->type_name("N");
}

}  // namespace

Action declare_learn(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) {
    check_flags(*flags);
    LearnOptions options = flags->options;
    options.output = flags->output;
    options.allocation = flags->allocation == "fisher" ? Allocation::kFisher : Allocation::kUniform;
    // The library wants them as a set; a person may type them in any order.
    std::sort(options.alphas.begin(), options.alphas.end());
    options.alphas.erase(std::unique(options.alphas.begin(), options.alphas.end()),
                         options.alphas.end());
    options.progress = session.progress;
    options.stop = session.stop;
    const Dataset dataset = flags->dataset.open();
    check_output(options.output);
    check_writable(options.output.has_parent_path() ? options.output.parent_path() : ".");
    print(learn_from(*flags, dataset, options), session);
    return 0;
  };
}

}  // namespace scrim::cli
