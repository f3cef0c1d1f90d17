// scrim generate: drawn faces with exact annotations, for machines without data.
#include "commands.h"
#include "flags.h"

namespace scrim::cli {
namespace {

struct Flags {
  std::string folder;
  GenerateOptions options;
};

}  // namespace

Action declare_generate(CLI::App& app) {
  const auto flags = make_flags<Flags>();
  app.add_option("FOLDER", flags->folder, "a new folder, in the layout of FDDB");
  app.add_option("--pictures", flags->options.pictures, "how many")->type_name("N");
  app.add_option("--width", flags->options.width, "of a picture, in pixels")->type_name("N");
  app.add_option("--height", flags->options.height, "of a picture, in pixels")->type_name("N");
  app.add_option("--seed", flags->options.seed, "the same seed draws the same bytes")
      ->type_name("N");
  return [flags](const Session& session) {
    require(!flags->folder.empty(), "name the folder to draw into");
    check_range("--pictures", flags->options.pictures, 1, 100000);
    check_range("--width", flags->options.width, 64, 4096);
    check_range("--height", flags->options.height, 64, 4096);
    generate_faces(flags->folder, flags->options);
    const Dataset dataset = Dataset::open(flags->folder);
    std::size_t faces = 0;
    for (const Sample& sample : dataset.samples()) faces += sample.faces.size();
    session.out << flags->folder << "  " << dataset.samples().size() << " pictures, " << faces
                << " faces, " << dataset.folds() << " folds\n";
    return 0;
  };
}

}  // namespace scrim::cli
