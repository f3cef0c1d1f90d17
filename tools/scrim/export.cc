// scrim export: a network as two TorchScript files, for other programs.
#include "commands.h"
#include "files.h"
#include "flags.h"

#include <scrim/network.h>

namespace scrim::cli {
namespace {

struct Flags {
  std::string weights;
  std::string output;
  NetworkOptions options;
};

}  // namespace

Action declare_export(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  app.add_option("WEIGHTS", flags->weights, "FaceBoxes as safetensors, or a TorchScript file");
  app.add_option("--split-point", flags->options.split_point,
                 "the module whose output crosses the cut")
      ->type_name("NAME");
  app.add_option("--output", flags->output, "a new folder")->type_name("FOLDER");
  return [flags](const Session& session) {
    require(!flags->weights.empty(), "name the weights to export");
    require(!flags->output.empty(),
            "--output is missing; it names the folder for head.pt and tail.pt");
    const Network network = Network::load(flags->weights, flags->options);
    NewFolder folder(flags->output);
    network.export_torchscript(folder.path() / "head.pt", folder.path() / "tail.pt");
    folder.keep();
    session.out << flags->output << "  head.pt and tail.pt of " << network.model() << ", cut after "
                << flags->options.split_point << "\n";
    session.log << "This pair adds no noise: it is the clean network. A release comes from 'scrim "
                   "learn'.\n";
    return 0;
  };
}

}  // namespace scrim::cli
