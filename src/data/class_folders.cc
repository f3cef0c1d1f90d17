#include "data/layouts.h"
#include "data/lines.h"

#include <algorithm>
#include <set>

namespace scrim {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> read_class_list(const fs::path& path) {
  std::vector<std::string> classes;
  std::set<std::string, std::less<>> seen;
  LineReader lines(path);
  while (const auto name = lines.next()) {
    if (*name == "." || *name == ".." || name->find('/') != std::string_view::npos) {
      lines.fail_here("\"", *name, "\" is not the name of a folder");
    }
    if (!seen.emplace(*name).second) lines.fail_here("the class \"", *name, "\" is listed twice");
    classes.emplace_back(*name);
  }
  return classes;
}

// Without a list the folders themselves are the classes, in the order of their names.
std::vector<std::string> folder_names(const fs::path& folder) {
  std::vector<std::string> classes;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) classes.push_back(entry.path().filename().string());
  }
  std::sort(classes.begin(), classes.end());
  return classes;
}

}  // namespace

Layout read_class_folders(const fs::path& folder) {
  const fs::path list = folder / kClassList;
  Layout layout = read_picture_folder(folder);
  layout.classes = fs::exists(list) ? read_class_list(list) : folder_names(folder);
  layout.folds = kUnofficialFolds;
  const auto& classes = layout.classes;
  for (std::size_t i = 0; i < layout.samples.size(); ++i) {
    Sample& sample = layout.samples[i];
    const fs::path relative = sample.path.lexically_relative(folder);
    const auto found = std::find(classes.begin(), classes.end(), relative.begin()->string());
    if (found == classes.end()) {
      fail(ErrorCode::kCorrupt, sample.path.string(), ": lies in the folder of none of the ",
           classes.size(), " classes");
    }
    sample.label = static_cast<int>(found - classes.begin());
    sample.fold = fold_of(sample.name, i);
  }
  return layout;
}

}  // namespace scrim
