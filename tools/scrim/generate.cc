// scrim generate: drawn faces or shapes with exact annotations, for machines without data.
#include "commands.h"
#include "flags.h"

namespace scrim::cli {
namespace {

struct GenerateFlags {
  std::string folder;
  bool shapes = false;
  std::optional<int> pictures, width, height;  // else the defaults of what is drawn
  std::uint64_t seed = 1;
};

template <typename Options>
Options options_of(const GenerateFlags& flags) {
  Options options;
  options.pictures = flags.pictures.value_or(options.pictures);
  options.width = flags.width.value_or(options.width);
  options.height = flags.height.value_or(options.height);
  options.seed = flags.seed;
  check_range("--pictures", options.pictures, 1, 99'999);
  check_range("--width", options.width, 64, 2048);
  check_range("--height", options.height, 64, 2048);
  return options;
}

std::string content_of(const Dataset& dataset) {
  if (!dataset.classes().empty()) return std::to_string(dataset.classes().size()) + " classes";
  std::size_t faces = 0;
  for (const Sample& sample : dataset.samples()) faces += sample.faces.size();
  return std::to_string(faces) + " faces";
}

void declare_flags(CLI::App& app, GenerateFlags& flags) {
  app.add_option("FOLDER", flags.folder, "a new folder, in the layout of FDDB");
  app.add_flag("--shapes", flags.shapes, "one shape a picture, in folders of classes; no faces");
  app.add_option("--pictures", flags.pictures, "how many [60, or 800 shapes]")->type_name("N");
  app.add_option("--width", flags.width, "of a picture, in pixels [400, or 64]")->type_name("N");
  app.add_option("--height", flags.height, "of a picture, in pixels [300, or 64]")->type_name("N");
  app.add_option("--seed", flags.seed, "the same seed draws the same bytes")->type_name("N");
}

}  // namespace

Action declare_generate(CLI::App& app) {
  const auto flags = make_flags<GenerateFlags>();
  declare_flags(app, *flags);
  return [flags](const Session& session) {
    require(!flags->folder.empty(), "name the folder to draw into");
    if (flags->shapes) {
      generate_shapes(flags->folder, options_of<GenerateShapesOptions>(*flags));
    } else {
      generate_faces(flags->folder, options_of<GenerateOptions>(*flags));
    }
    const Dataset dataset = Dataset::open(flags->folder);
    session.out << flags->folder << "  " << dataset.samples().size() << " pictures, "
                << content_of(dataset) << ", " << dataset.folds() << " folds\n";
    return 0;
  };
}

}  // namespace scrim::cli
