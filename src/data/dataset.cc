#include "base/check.h"
#include "base/hash.h"
#include "data/layouts.h"
#include "data/lines.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <map>
#include <set>

namespace scrim {
namespace {

namespace fs = std::filesystem;

// FDDB first: a folder that also has another annotation then keeps its official folds.
std::string detect_layout(const fs::path& folder) {
  if (fs::is_directory(folder / "FDDB-folds")) return "fddb";
  if (fs::is_directory(folder / "Annotations")) return "voc";
  if (fs::is_directory(folder / "wider_face_split")) return "wider";
  if (fs::is_regular_file(folder / kClassList)) return "classes";
  return "folder";
}

Layout read_layout(const fs::path& folder, const std::string& layout) {
  if (layout == "fddb") return read_fddb(folder);
  if (layout == "voc") return read_voc(folder);
  if (layout == "wider") return read_wider(folder);
  if (layout == "classes") return read_class_folders(folder);
  check(layout == "folder", "a layout must be auto, fddb, voc, wider, classes or folder, got ",
        layout);
  return read_picture_folder(folder);
}

void check_names(const fs::path& folder, const std::vector<Sample>& samples) {
  std::set<std::string_view> names;
  for (const Sample& sample : samples) {
    if (!names.insert(sample.name).second) {
      fail(ErrorCode::kCorrupt, folder.string(), " annotates \"", sample.name, "\" twice");
    }
  }
}

// Keeps the samples that the list names, in the dataset's own order.
std::vector<Sample> keep_listed(const std::vector<Sample>& samples, const fs::path& list) {
  std::map<std::string_view, bool> listed;
  for (const Sample& sample : samples) listed[sample.name] = false;
  LineReader lines(list);
  while (const auto name = lines.next()) {
    const auto found = listed.find(*name);
    if (found == listed.end()) lines.fail_here("the dataset has no picture \"", *name, "\"");
    if (found->second) lines.fail_here("\"", *name, "\" is listed twice");
    found->second = true;
  }
  std::vector<Sample> kept;
  std::copy_if(samples.begin(), samples.end(), std::back_inserter(kept),
               [&](const Sample& sample) { return listed.at(sample.name); });
  return kept;
}

// Hundredths of a pixel: two spellings of one annotation (corners, ellipses) give one digest.
std::string rounded(float coordinate) {
  const long hundredths = std::lround(static_cast<double>(coordinate) * 100);
  return std::to_string(hundredths);
}

}  // namespace

int fold_of(std::string_view name, std::size_t position) {
  const char last = name.empty() ? ' ' : name.back();
  const bool numbered = last >= '0' && last <= '9';
  // The last digit is the number mod 10.
  return 1 + (numbered ? last - '0' : static_cast<int>(position % kUnofficialFolds));
}

std::optional<Box> checked_box(double x1, double y1, double x2, double y2) {
  constexpr double kFarthest = 1e6;
  for (const double value : {x1, y1, x2, y2}) {
    if (!(std::abs(value) <= kFarthest)) return {};
  }
  const Box box{static_cast<float>(x1), static_cast<float>(y1), static_cast<float>(x2),
                static_cast<float>(y2)};
  if (!(box.x1 < box.x2 && box.y1 < box.y2)) return {};
  return box;
}

Dataset Dataset::open(const fs::path& folder, DatasetOptions options) {
  if (!fs::exists(folder)) fail(ErrorCode::kNotFound, "no dataset folder ", folder.string());
  check(fs::is_directory(folder), folder.string(), " is a file, and a dataset is a folder");
  Dataset dataset;
  dataset.folder_ = folder;
  dataset.layout_ = options.layout == "auto" ? detect_layout(folder) : options.layout;
  Layout layout = read_layout(folder, dataset.layout_);
  check_names(folder, layout.samples);
  if (!options.list.empty()) layout.samples = keep_listed(layout.samples, options.list);
  check(!layout.samples.empty(), folder.string(), " holds no picture (read as layout ",
        dataset.layout_, ")");
  dataset.samples_ = std::move(layout.samples);
  dataset.folds_ = layout.folds;
  dataset.classes_ = std::move(layout.classes);
  return dataset;
}

std::string Dataset::digest() const {
  std::vector<const Sample*> sorted;
  for (const Sample& sample : samples_) sorted.push_back(&sample);
  std::sort(sorted.begin(), sorted.end(),
            [](const Sample* a, const Sample* b) { return a->name < b->name; });
  std::string text;
  for (const Sample* sample : sorted) {
    text += sample->name + '\n';
    for (const Box& face : sample->faces) {
      text += rounded(face.x1) + ' ' + rounded(face.y1) + ' ' + rounded(face.x2) + ' ' +
              rounded(face.y2) + '\n';
    }
    // A name never starts with a tab: LineReader and file names of classes would not keep it.
    if (sample->label) text += '\t' + classes_.at(static_cast<std::size_t>(*sample->label)) + '\n';
  }
  return hex(sha256(text));
}

}  // namespace scrim
