#include "data/layouts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 5> kExtensions = {".jpg", ".jpeg", ".png", ".pgm", ".ppm"};

}  // namespace

bool is_picture(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

fs::path find_picture(const fs::path& folder, const std::string& name) {
  for (const char* extension : kExtensions) {
    fs::path path = folder / (name + extension);
    if (fs::exists(path)) return path;
  }
  return folder / (name + ".jpg");
}

Layout read_picture_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file() && is_picture(entry.path())) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());

  Layout layout;
  std::set<std::string> names;
  for (const auto& file : files) {
    const fs::path relative = file.lexically_relative(folder);
    // a.jpg is "a"; an a.png beside it keeps its extension, so that both can be told apart.
    std::string name = fs::path(relative).replace_extension().string();
    if (!names.insert(name).second) names.insert(name = relative.string());
    layout.samples.push_back({name, file, {}, 1});
  }
  return layout;
}

}  // namespace scrim
