#include "data/layouts.h"
#include "data/lines.h"

#include <cmath>
#include <cstdio>
#include <set>

namespace scrim {
namespace {

namespace fs = std::filesystem;

fs::path fold_file(const fs::path& folder, int fold, const char* ending) {
  char number[16];
  std::snprintf(number, sizeof number, "%02d", fold);
  return folder / "FDDB-folds" / (std::string("FDDB-fold-") + number + ending);
}

// One line "major minor angle cx cy label".
Box read_ellipse(LineReader& lines) {
  const auto e = lines.require_numbers("an ellipse (major minor angle x y 1)", 6);
  if (e[0] <= 0 || e[1] <= 0) {
    lines.fail_here("an ellipse's semi-axes must be positive, got ", e[0], " and ", e[1]);
  }
  const Box box = bounding_rectangle(e[0], e[1], e[2], e[3], e[4]);
  const auto checked = checked_box(box.x1, box.y1, box.x2, box.y2);
  if (!checked) lines.fail_here("an ellipse lies too far out or is too small");
  return *checked;
}

std::vector<Sample> read_fold(const fs::path& folder, int fold) {
  LineReader lines(fold_file(folder, fold, "-ellipseList.txt"));
  std::vector<Sample> samples;
  while (const auto name = lines.next()) {
    Sample sample{std::string(*name), {}, {}, fold};
    sample.path = folder / "originalPics" / (sample.name + ".jpg");
    const int faces = lines.require_count("the number of faces", kMaxFacesPerPicture);
    for (int i = 0; i < faces; ++i) sample.faces.push_back(read_ellipse(lines));
    samples.push_back(std::move(sample));
  }
  return samples;
}

// The list of pictures says nothing that the ellipses do not, so it may be absent; a list that
// disagrees means that one of the two files is damaged.
void check_list(const fs::path& path, const std::vector<Sample>& samples) {
  if (!fs::exists(path)) return;
  std::set<std::string, std::less<>> annotated;
  for (const Sample& sample : samples) annotated.insert(sample.name);
  LineReader lines(path);
  while (const auto name = lines.next()) {
    if (annotated.erase(std::string(*name)) == 0) {
      lines.fail_here("\"", *name, "\" has no annotation in this fold, or stands here twice");
    }
  }
  if (!annotated.empty()) {
    lines.fail_here("the list ends without \"", *annotated.begin(), "\", which is annotated");
  }
}

}  // namespace

Box bounding_rectangle(double a, double b, double angle, double cx, double cy) {
  const double half_width = std::hypot(a * std::cos(angle), b * std::sin(angle));
  const double half_height = std::hypot(a * std::sin(angle), b * std::cos(angle));
  return {static_cast<float>(cx - half_width), static_cast<float>(cy - half_height),
          static_cast<float>(cx + half_width), static_cast<float>(cy + half_height)};
}

Layout read_fddb(const fs::path& folder) {
  Layout layout{{}, 0};
  while (layout.folds == 0 || fs::exists(fold_file(folder, layout.folds + 1, "-ellipseList.txt"))) {
    ++layout.folds;
    auto samples = read_fold(folder, layout.folds);
    check_list(fold_file(folder, layout.folds, ".txt"), samples);
    layout.samples.insert(layout.samples.end(), std::make_move_iterator(samples.begin()),
                          std::make_move_iterator(samples.end()));
  }
  return layout;
}

}  // namespace scrim
