#include "train_flags.h"

#include "flags.h"

namespace scrim::cli {

void TrainFlags::declare(CLI::App& app) {
  TrainOptions& o = options;
  app.add_option("--output", output, "the weights, safetensors")->type_name("FILE");
  app.add_option("--steps", o.steps, "of training")->type_name("N");
  app.add_option("--batch", o.batch, "views a step")->type_name("N");
  app.add_option("--window", o.window, "pixels each way, a multiple of 64")->type_name("N");
  app.add_option("--rate", o.rate, "the largest learning rate")->type_name("X");
  app.add_option("--scale", o.scale, "enlargement of the pictures")->type_name("X");
  app.add_option("--seed", o.seed, "the same seed trains the same weights")->type_name("N");
  app.add_flag("--resume", o.resume, "go on where a stopped run ended");
  declare_threads(app, o.threads);
}

void TrainFlags::check() const {
  require(!output.empty(), "--output is missing; it names the weight file");
  check_range("--steps", options.steps, 1, 1e7);
  check_range("--batch", options.batch, 2, 4096);
  check_range("--rate", options.rate, 1e-7, 1);
  check_range("--scale", options.scale, 0.1, 16);
  check_threads(options.threads);
  check_window(options.window);
}

TrainOptions TrainFlags::read(const Session& session) const {
  TrainOptions read = options;
  read.output = output;
  read.progress = session.progress;
  read.stop = session.stop;
  check_output_folder(read.output);
  return read;
}

}  // namespace scrim::cli
