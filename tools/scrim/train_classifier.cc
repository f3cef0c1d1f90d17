// scrim train-classifier: the small classifier from random weights.
#include "commands.h"
#include "flags.h"
#include "train_flags.h"

namespace scrim::cli {
namespace {

struct TrainClassifierFlags {
  DatasetFlags dataset;
  TrainFlags training{.output = {}, .options = TrainOptions::classifier()};
};

}  // namespace

Action declare_train_classifier(CLI::App& app) {
  const auto flags = make_flags<TrainClassifierFlags>();
  flags->dataset.declare(app);
  flags->training.declare(app);
  return [flags](const Session& session) {
    flags->training.check();
    const Dataset dataset = flags->dataset.open();
    train_classifier(dataset, flags->training.read(session));
    session.out << flags->training.output << "  " << dataset.classes().size() << " classes\n";
    return 0;
  };
}

}  // namespace scrim::cli
