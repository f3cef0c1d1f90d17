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

void ViewFlags::declare(CLI::App& app) {
  app.add_option("--scale", scale, "enlargement, also later in use [3, of classes 1]")
      ->type_name("X");
  app.add_option("--window", window, "pixels of a view, times 64 [896, of classes 64]")
      ->type_name("N");
}

void ViewFlags::check() const {
  if (scale) check_range("--scale", *scale, 0.1, 16);
  if (window) check_window(*window);
}

void ViewFlags::apply(const Dataset& dataset, double& own_scale, int& own_window) const {
  const bool classes = !dataset.classes().empty();
  own_scale = scale.value_or(classes ? 1 : own_scale);
  own_window = window.value_or(classes ? 64 : own_window);
}

void declare_threads(CLI::App& app, int& threads) {
  app.add_option("--threads", threads, "of the tensor library")->type_name("N");
}

void check_threads(int threads) { check_range("--threads", threads, 1, 256); }

void check_window(int window) {
  require(window >= 64 && window <= 4096 && window % 64 == 0,
          "--window must be a multiple of 64 up to 4096, got ", window);
}

void check_output_folder(const std::filesystem::path& output) {
  check_writable(output.has_parent_path() ? output.parent_path() : ".");
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
