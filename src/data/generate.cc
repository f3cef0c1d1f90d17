#include "base/check.h"
#include "base/files.h"
#include "base/json.h"
#include "data/drawn_shape.h"
#include "data/layouts.h"
#include "data/scene.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <vector>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr int kMaxFolds = 10;
// Counts up when the drawing changes: the same options then draw other bytes.
constexpr int kGeneratorVersion = 1;
constexpr const char* kMarker = "generated.json";

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[160];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

template <typename Options>
void check_options(const Options& options) {
  check(options.pictures >= 1 && options.pictures <= 99'999, "pictures must be 1 to 99999, got ",
        options.pictures);
  for (const int side : {options.width, options.height}) {
    check(side >= 64 && side <= 2048, "a drawn picture's sides must be 64 to 2048, got ", side);
  }
}

// Whatever was not written from here is not ours to replace.
void check_folder(const fs::path& folder) {
  if (!fs::exists(folder)) return;
  check(fs::is_directory(folder), folder.string(), " is a file, not a folder");
  check(fs::is_empty(folder) || fs::exists(folder / kMarker), folder.string(),
        " holds something that was not drawn by generate; name another folder");
}

void write(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  write_file_atomically(path, bytes);
}

// FDDB's line: semi-axes, angle of the major one, centre, 1. A face is higher than wide, so its
// major axis is a quarter turn from the picture's x axis.
std::string ellipse_line(const FacePose& face) {
  constexpr double kQuarterTurn = 1.57079632679489662;
  return formatted("%.6f %.6f %.6f %.6f %.6f  1\n", face.half_height, face.half_width,
                   face.roll + kQuarterTurn, face.centre.x, face.centre.y);
}

struct Fold {
  std::string names;
  std::string ellipses;
};

// Draws picture `index` from a seed of its own, so that it does not depend on the number drawn.
void draw_picture(const fs::path& folder, const GenerateOptions& options, int index, Fold& fold) {
  Random random(Random(options.seed).bits() + static_cast<std::uint64_t>(index));
  const DrawnScene scene = draw_scene(random, options.width, options.height);
  const auto bytes = encode_jpeg(scene.picture, 70 + random.below(26));
  const std::string name = formatted("drawn_%05d", index);
  write(folder / "originalPics" / (name + ".jpg"),
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  fold.names += name + '\n';
  fold.ellipses += name + '\n' + std::to_string(scene.faces.size()) + '\n';
  for (const FacePose& face : scene.faces) fold.ellipses += ellipse_line(face);
}

// What was drawn: "shapes" for those, none for faces.
template <typename Options>
void write_marker(const fs::path& folder, const Options& options, const char* what) {
  Json json = {{"generator", kGeneratorVersion}};
  if (what != nullptr) json["drawn"] = what;
  json["pictures"] = options.pictures;
  json["width"] = options.width;
  json["height"] = options.height;
  json["seed"] = options.seed;
  write(folder / kMarker, json.dump(2) + '\n');
}

// Picture `index` from a seed of its own. The number in its name counts within the class, so that
// each of the ten folds has the same share of every class.
void draw_shape(const fs::path& folder, const GenerateShapesOptions& options, int index) {
  constexpr std::uint64_t kShapes = 1;
  const auto classes = static_cast<int>(kShapeNames.size());
  Random random(options.seed, kShapes, static_cast<std::uint64_t>(index));
  const auto shape = static_cast<Shape2d>(index % classes);
  const Image picture = draw_shape_picture(random, shape, options.width, options.height);
  const auto bytes = encode_png(picture);
  const std::string name(kShapeNames.at(static_cast<std::size_t>(shape)));
  write(folder / name / formatted("shape_%05d.png", index / classes),
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace

void generate_faces(const fs::path& folder, const GenerateOptions& options) {
  check_options(options);
  check_folder(folder);
  AtomicFolder result(folder);
  std::vector<Fold> folds(static_cast<std::size_t>(std::min(kMaxFolds, options.pictures)));
  for (int i = 0; i < options.pictures; ++i) {
    draw_picture(result.path(), options, i, folds[static_cast<std::size_t>(i) % folds.size()]);
  }
  for (std::size_t i = 0; i < folds.size(); ++i) {
    const std::string stem = formatted("FDDB-fold-%02d", static_cast<int>(i) + 1);
    write(result.path() / "FDDB-folds" / (stem + ".txt"), folds[i].names);
    write(result.path() / "FDDB-folds" / (stem + "-ellipseList.txt"), folds[i].ellipses);
  }
  write_marker(result.path(), options, nullptr);
  result.commit();
}

void generate_shapes(const fs::path& folder, const GenerateShapesOptions& options) {
  check_options(options);
  check_folder(folder);
  AtomicFolder result(folder);
  std::string classes;
  for (const std::string_view name : kShapeNames) {
    classes += std::string(name) + '\n';
    fs::create_directories(result.path() / name);
  }
  for (int i = 0; i < options.pictures; ++i) draw_shape(result.path(), options, i);
  write(result.path() / kClassList, classes);
  write_marker(result.path(), options, "shapes");
  result.commit();
}

}  // namespace scrim
