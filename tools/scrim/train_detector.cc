// scrim train-detector: FaceBoxes from random weights, as the shipped detector was made.
#include "commands.h"
#include "flags.h"
#include "train_flags.h"

namespace scrim::cli {
namespace {

struct TrainDetectorFlags {
  std::vector<std::string> datasets;  // FOLDER or FOLDER@LIST
  TrainFlags training{.output = {}, .options = TrainOptions::detector()};
};

Dataset open_one(const std::string& word) {
  const std::size_t at = word.rfind('@');
  if (at == std::string::npos) return Dataset::open(word);
  return Dataset::open(word.substr(0, at), {.list = word.substr(at + 1)});
}

}  // namespace

Action declare_train_detector(CLI::App& app) {
  const auto flags = make_flags<TrainDetectorFlags>();
  app.add_option("--dataset", flags->datasets, "one or more; FOLDER@LIST uses only what LIST names")
      ->type_name("FOLDER..");
  flags->training.declare(app);
  return [flags](const Session& session) {
    require(!flags->datasets.empty(),
            "--dataset is missing; it names folders of pictures and annotations");
    flags->training.check();
    std::vector<Dataset> datasets;
    for (const std::string& word : flags->datasets) datasets.push_back(open_one(word));
    train_detector(datasets, flags->training.read(session));
    session.out << flags->training.output << "\n";
    return 0;
  };
}

}  // namespace scrim::cli
