#include "data/layouts.h"
#include "data/lines.h"

#include <algorithm>

namespace scrim {
namespace {

namespace fs = std::filesystem;

// Columns of a face line: x y w h blur expression illumination invalid occlusion pose.
constexpr std::size_t kColumns = 10;
constexpr std::size_t kInvalid = 7;

// Nothing for a face that the set itself marks as invalid, or gives no area: both occur in the
// published files and mean "do not count".
std::optional<Box> read_face(LineReader& lines) {
  const auto f = lines.require_numbers("a face (x y w h and 6 attributes)", kColumns);
  if (f[2] < 0 || f[3] < 0) {
    lines.fail_here("a face's width and height must not be negative, got ", f[2], " and ", f[3]);
  }
  if (f[2] == 0 || f[3] == 0 || f[kInvalid] != 0) return {};
  const auto box = checked_box(f[0], f[1], f[0] + f[2], f[1] + f[3]);
  if (!box) lines.fail_here("a face lies too far out or is too small");
  return box;
}

std::vector<Box> read_faces(LineReader& lines) {
  const int count = lines.require_count("the number of faces", kMaxFacesPerPicture);
  std::vector<Box> faces;
  // A picture without faces is followed by one line of zeros all the same.
  for (int i = 0; i < std::max(count, 1); ++i) {
    if (const auto face = read_face(lines)) faces.push_back(*face);
  }
  if (count == 0 && !faces.empty()) lines.fail_here("a face follows a count of 0");
  return faces;
}

void read_part(const fs::path& folder, const std::string& part, Layout& layout) {
  const fs::path file = folder / "wider_face_split" / ("wider_face_" + part + "_bbx_gt.txt");
  if (!fs::exists(file)) return;
  LineReader lines(file);
  while (const auto line = lines.next()) {
    const fs::path picture{std::string(*line)};
    if (!is_picture(picture)) lines.fail_here("a picture's name must follow, got \"", *line, "\"");
    const std::string name = fs::path(picture).replace_extension().string();
    layout.samples.push_back({name, folder / ("WIDER_" + part) / "images" / picture,
                              read_faces(lines), fold_of(name, layout.samples.size())});
  }
}

}  // namespace

Layout read_wider(const fs::path& folder) {
  Layout layout{{}, kUnofficialFolds};
  read_part(folder, "train", layout);
  read_part(folder, "val", layout);
  if (layout.samples.empty()) {
    fail(ErrorCode::kNotFound,
         "no wider_face_train_bbx_gt.txt or wider_face_val_bbx_gt.txt with a "
         "picture in ",
         (folder / "wider_face_split").string());
  }
  return layout;
}

}  // namespace scrim
