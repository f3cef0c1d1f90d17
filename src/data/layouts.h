// The five ways in which a dataset lies on disk, and the pieces that they share.
#pragma once

#include <scrim/dataset.h>

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scrim {

// Samples in the order of the annotation, names not yet checked for doubles.
struct Layout {
  std::vector<Sample> samples;
  int folds = 1;
  std::vector<std::string> classes = {};
};

// Each throws kNotFound, or kCorrupt with file and line. docs/formats/datasets.md has the bytes.
Layout read_fddb(const std::filesystem::path& folder);
Layout read_voc(const std::filesystem::path& folder);
Layout read_wider(const std::filesystem::path& folder);
Layout read_class_folders(const std::filesystem::path& folder);
Layout read_picture_folder(const std::filesystem::path& folder);

// More in one picture is taken for a fault of the file.
inline constexpr int kMaxFacesPerPicture = 100'000;

// Names the classes in order, one a line; the folders of the classes lie beside it.
inline constexpr const char* kClassList = "classes.txt";

// The smallest upright rectangle around an ellipse: semi-axes a and b, a turned by `angle` radians
// from the x axis, centre (cx, cy). Half its width is sqrt(a^2 cos^2 + b^2 sin^2).
Box bounding_rectangle(double a, double b, double angle, double cx, double cy);

// A box of finite corners; nothing if it is empty, or a corner lies more than 10^6 pixels out.
std::optional<Box> checked_box(double x1, double y1, double x2, double y2);

// The fold of a set without official folds: the number at the end of the name mod 10, plus 1.
// A name without one counts as `position`.
int fold_of(std::string_view name, std::size_t position);
inline constexpr int kUnofficialFolds = 10;

// Where the picture of `name` (without extension) lies: the extension that is there, else .jpg.
std::filesystem::path find_picture(const std::filesystem::path& folder, const std::string& name);
// Whether the extension is one that read_image knows, in either case.
bool is_picture(const std::filesystem::path& path);

}  // namespace scrim
