// scrim train-classifier: the small classifier from random weights.
#include "commands.h"
#include "files.h"
#include "flags.h"

#include <scrim/learn.h>

namespace scrim::cli {
namespace {

struct Flags {
  DatasetFlags dataset;
  std::string output;
  TrainClassifierOptions options;
};

void check_flags(const Flags& flags) {
  const TrainClassifierOptions& o = flags.options;
  require(!flags.output.empty(), "--output is missing; it names the weight file");
  check_range("--steps", o.steps, 1, 1e7);
  check_range("--batch", o.batch, 2, 4096);
  check_range("--rate", o.rate, 1e-7, 1);
  check_range("--scale", o.scale, 0.1, 16);
  check_range("--threads", o.threads, 1, 256);
  require(o.window >= 64 && o.window <= 4096 && o.window % 64 == 0,
          "--window must be a multiple of 64 up to 4096, got ", o.window);
}

void declare_flags(CLI::App& app, Flags& flags) {
  TrainClassifierOptions& o = flags.options;
  flags.dataset.declare(app);
  app.add_option("--output", flags.output, "the weights, safetensors")->type_name("FILE");
  app.add_option("--steps", o.steps, "of training")->type_name("N");
  app.add_option("--batch", o.batch, "pictures a step")->type_name("N");
  app.add_option("--window", o.window, "pixels each way, a multiple of 64")->type_name("N");
  app.add_option("--rate", o.rate, "the largest learning rate")->type_name("X");
  app.add_option("--scale", o.scale, "enlargement of the pictures")->type_name("X");
  app.add_option("--seed", o.seed, "the same seed trains the same weights")->type_name("N");
  app.add_flag("--resume", o.resume, "go on where a stopped run ended");
  app.add_option("--threads", o.threads, "of the tensor library")->type_name("N");
}

}  // namespace

Action declare_train_classifier(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) {
    check_flags(*flags);
    TrainClassifierOptions options = flags->options;
    options.output = flags->output;
    options.progress = session.progress;
    options.stop = session.stop;
    const Dataset dataset = flags->dataset.open();
    check_writable(options.output.has_parent_path() ? options.output.parent_path() : ".");
    train_classifier(dataset, options);
    session.out << flags->output << "  " << dataset.classes().size() << " classes\n";
    return 0;
  };
}

}  // namespace scrim::cli
