// scrim export: a network as two TorchScript files, for other programs.
#include "commands.h"
#include "detectors.h"
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

// Writes head.pt and tail.pt into the folder and returns what they are, in words.
std::string write_pair(const Flags& flags, const std::filesystem::path& folder,
                       const Session& session) {
  if (is_release(flags.weights)) {
    const Release release = Release::open(flags.weights);
    std::filesystem::copy_file(release.head(), folder / "head.pt");
    std::filesystem::copy_file(release.tail(), folder / "tail.pt");
    session.log << "Between the two belongs the noise: what head.pt returns must not be sent.\n";
    return "head.pt and tail.pt of release " + release.id().substr(0, 12);
  }
  const Network network = load_network(flags.weights, flags.options);
  network.export_torchscript(folder / "head.pt", folder / "tail.pt");
  session.log << "This pair is the clean network. A release comes from 'scrim learn'.\n";
  return "head.pt and tail.pt of " + network.model() + ", cut after " + flags.options.split_point;
}

}  // namespace

Action declare_export(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  app.add_option("WEIGHTS|RELEASE", flags->weights,
                 "safetensors, TorchScript, or a release folder");
  app.add_option("--split-point", flags->options.split_point,
                 "the module whose output crosses the cut")
      ->type_name("NAME");
  app.add_option("--output", flags->output, "a new folder")->type_name("FOLDER");
  return [flags](const Session& session) {
    require(!flags->weights.empty(), "name the weights to export");
    require(!flags->output.empty(),
            "--output is missing; it names the folder for head.pt and tail.pt");
    NewFolder folder(flags->output);
    session.out << flags->output << "  " << write_pair(*flags, folder.path(), session) << "\n";
    folder.keep();
    return 0;
  };
}

}  // namespace scrim::cli
