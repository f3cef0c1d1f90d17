// scrim learn: weights and pictures in, a sealed release out.
#include "attack.h"
#include "commands.h"
#include "detectors.h"
#include "files.h"
#include "flags.h"

#include <scrim/learn.h>

#include <cmath>
#include <iomanip>

namespace scrim::cli {
namespace {

struct Flags {
  std::string weights, output, allocation = "fisher", validation_list;
  DatasetFlags dataset;
  LearnOptions options;
};

void check_flags(const Flags& flags) {
  const LearnOptions& o = flags.options;
  require(!flags.weights.empty(), "name the weights to start from");
  require(!flags.output.empty(), "--output is missing; it names the release folder");
  require(!o.alphas.empty(), "--alpha needs a value");
  for (const double alpha : o.alphas) check_alpha(alpha);
  require(flags.allocation == "fisher" || flags.allocation == "uniform",
          "--allocation must be fisher or uniform, got '", flags.allocation, "'");
  check_range("--scale", o.scale, 0.1, 16);
  check_range("--views", o.views, 1, 1000);
  check_range("--adapt-steps", o.adapt_steps, 0, 1e6);
  check_range("--tail-steps", o.tail_steps, 0, 1e6);
  check_range("--threads", o.threads, 1, 256);
}

// Average precision of a candidate on the validation pictures, noise drawn with a passing key.
std::function<double(const std::filesystem::path&)> validation(const Flags& flags) {
  if (flags.validation_list.empty()) return {};
  const Dataset dataset = Dataset::open(
      flags.dataset.folder, {.layout = flags.dataset.layout, .list = flags.validation_list});
  const double alpha = flags.options.alphas.front();
  return [dataset, alpha](const std::filesystem::path& candidate) {
    const Detector detector = noisy_detector(Release::open(candidate), attackers_key(), alpha);
    return evaluate(detector, dataset, {.bootstrap = 0}).mean_average_precision;
  };
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
  session.out << result.adapted.string() << "  the adapted clean network, for --compare\n";
  session.log << "learned in " << std::setprecision(0) << std::fixed << result.seconds << " s\n";
}

void declare_flags(CLI::App& app, Flags& flags) {
  LearnOptions& o = flags.options;
  app.add_option("WEIGHTS", flags.weights, "FaceBoxes as safetensors, or a TorchScript file");
  flags.dataset.declare(app);
  app.add_option("--output", flags.output, "the release, as in faces.scrim")->type_name("FOLDER");
  declare_alphas(app, o.alphas, "alphas to calibrate, each in (0, 1); one tail serves all");
  app.add_option("--split-point", o.split_point, "the module whose output crosses the cut")
      ->type_name("NAME");
  app.add_option("--allocation", flags.allocation, "how bits are spent: fisher or uniform")
      ->type_name("NAME");
  app.add_option("--scale", o.scale, "enlargement of the pictures, also later in use")
      ->type_name("X");
  app.add_option("--views", o.views, "windows cached per picture")->type_name("N");
  app.add_option("--adapt-steps", o.adapt_steps, "of the clean network; 0 keeps its weights")
      ->type_name("N");
  app.add_option("--tail-steps", o.tail_steps, "of the tail under noise; 0 keeps it")
      ->type_name("N");
  app.add_option("--seed", o.seed, "the same seed learns the same release")->type_name("N");
  app.add_option("--validation-list", flags.validation_list,
                 "show accuracy on these of the pictures")
      ->type_name("FILE");
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
    options.validate = validation(*flags);
    options.progress = session.progress;
    options.stop = session.stop;
    const Dataset dataset = flags->dataset.open();
    check_writable(options.output.has_parent_path() ? options.output.parent_path() : ".");
    print(learn(flags->weights, dataset, options), session);
    return 0;
  };
}

}  // namespace scrim::cli
