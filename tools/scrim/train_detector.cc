// scrim train-detector: FaceBoxes from random weights, as the shipped detector was made.
#include "commands.h"
#include "files.h"
#include "flags.h"

#include <scrim/learn.h>

namespace scrim::cli {
namespace {

struct Flags {
  std::vector<std::string> datasets;  // FOLDER or FOLDER@LIST
  std::string output;
  TrainDetectorOptions options;
};

Dataset open_one(const std::string& word) {
  const std::size_t at = word.rfind('@');
  if (at == std::string::npos) return Dataset::open(word);
  return Dataset::open(word.substr(0, at), {.list = word.substr(at + 1)});
}

void check_flags(const Flags& flags) {
  const TrainDetectorOptions& o = flags.options;
  require(!flags.datasets.empty(),
          "--dataset is missing; it names folders of pictures and annotations");
  require(!flags.output.empty(), "--output is missing; it names the weight file");
  check_range("--steps", o.steps, 1, 1e7);
  check_range("--batch", o.batch, 1, 1024);
  check_range("--rate", o.rate, 1e-7, 1);
  check_range("--scale", o.scale, 0.1, 16);
  check_range("--threads", o.threads, 1, 256);
  require(o.window >= 64 && o.window <= 4096 && o.window % 64 == 0,
          "--window must be a multiple of 64 up to 4096, got ", o.window);
}

void declare_flags(CLI::App& app, Flags& flags) {
  TrainDetectorOptions& o = flags.options;
  app.add_option("--dataset", flags.datasets, "one or more; FOLDER@LIST uses only what LIST names")
      ->type_name("FOLDER..");
  app.add_option("--output", flags.output, "the weights, safetensors")->type_name("FILE");
  app.add_option("--steps", o.steps, "of training")->type_name("N");
  app.add_option("--batch", o.batch, "windows a step")->type_name("N");
  app.add_option("--window", o.window, "pixels each way, a multiple of 64")->type_name("N");
  app.add_option("--rate", o.rate, "the largest learning rate")->type_name("X");
  app.add_option("--scale", o.scale, "enlargement of the pictures")->type_name("X");
  app.add_option("--seed", o.seed, "the same seed trains the same weights")->type_name("N");
  app.add_flag("--resume", o.resume, "go on where a stopped run ended");
  app.add_option("--threads", o.threads, "of the tensor library")->type_name("N");
}

}  // namespace

Action declare_train_detector(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) {
    check_flags(*flags);
    TrainDetectorOptions options = flags->options;
    options.output = flags->output;
    options.progress = session.progress;
    options.stop = session.stop;
    std::vector<Dataset> datasets;
    for (const std::string& word : flags->datasets) datasets.push_back(open_one(word));
    check_writable(options.output.has_parent_path() ? options.output.parent_path() : ".");
    train_detector(datasets, options);
    session.out << flags->output << "\n";
    return 0;
  };
}

}  // namespace scrim::cli
