#include "flags.h"

#include "files.h"

namespace scrim::cli {

void DatasetFlags::declare(CLI::App& app) {
  app.add_option("--dataset", folder,
                 "annotated pictures: FDDB, VOC, WIDER FACE, folders of classes")
      ->type_name("FOLDER");
  app.add_option("--layout", layout, "auto, fddb, voc, wider, classes or folder")
      ->type_name("NAME");
  app.add_option("--list", list, "use only the pictures named in this file")->type_name("FILE");
}

Dataset DatasetFlags::open() const {
  require(!folder.empty(), "--dataset is missing; it names the folder of pictures and annotations");
  return Dataset::open(folder, {.layout = layout, .list = list});
}

void KeyFlag::declare(CLI::App& app) {
  app.add_option("--key", path,
                 "the noise key; else " + std::string("~/.config/") + Key::kDefaultName)
      ->type_name("FILE");
}

Key KeyFlag::load() const {
  const std::filesystem::path file = path.empty() ? default_key() : std::filesystem::path(path);
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    fail(ErrorCode::kNotFound, "no key at ", file.string(), "; make one with 'scrim key create ",
         file.string(), "'");
  }
  return Key::load(file);
}

void declare_alphas(CLI::App& app, std::vector<double>& alphas, const std::string& help) {
  app.add_option("--alpha", alphas, help)
      ->type_name("A,..")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void check_alpha(double alpha) {
  require(alpha > 0 && alpha < 1, "--alpha must be in (0, 1), got ", alpha);
}

void declare_scale(CLI::App& app, double& scale) {
  app.add_option("--scale", scale, "enlargement of the picture before the network")->type_name("X");
}

void check_range(const char* flag, double value, double low, double high) {
  require(value >= low && value <= high, flag, " must be in [", low, ", ", high, "], got ", value);
}

}  // namespace scrim::cli
