#include "data/layouts.h"
#include "data/lines.h"

#include "base/files.h"

#include <pugixml.hpp>

#include <algorithm>

namespace scrim {
namespace {

namespace fs = std::filesystem;

class VocFile {
 public:
  explicit VocFile(const fs::path& path) : path_(path), text_(read_file(path)) {
    const auto result = document_.load_buffer(text_.data(), text_.size());
    if (!result) fail_at(result.offset, "not XML: ", result.description());
    if (!document_.child("annotation")) fail_at(0, "there is no element <annotation>");
  }

  // Fills faces and face_names.
  void read_into(Sample& sample) const {
    for (const auto object : document_.child("annotation").children("object")) {
      const auto box = object.child("bndbox");
      if (!box) fail_at(object.offset_debug(), "an object without <bndbox>");
      sample.faces.push_back(box_of(box));
      sample.face_names.emplace_back(trimmed(object.child("name").text().as_string()));
    }
  }

 private:
  template <typename... Parts>
  [[noreturn]] void fail_at(std::ptrdiff_t offset, const Parts&... parts) const {
    const auto end = text_.begin() + std::clamp<std::ptrdiff_t>(offset, 0, std::ssize(text_));
    fail(ErrorCode::kCorrupt, path_.string(), ":", 1 + std::count(text_.begin(), end, '\n'), ": ",
         parts...);
  }

  double corner(const pugi::xml_node& box, const char* name) const {
    const auto element = box.child(name);
    if (!element) fail_at(box.offset_debug(), "a <bndbox> without <", name, ">");
    const auto value = parse_number(trimmed(element.text().as_string()));
    if (!value) fail_at(element.offset_debug(), "<", name, "> must hold a number");
    return *value;
  }

  Box box_of(const pugi::xml_node& box) const {
    const double x1 = corner(box, "xmin"), y1 = corner(box, "ymin");
    const double x2 = corner(box, "xmax"), y2 = corner(box, "ymax");
    const auto checked = checked_box(x1, y1, x2, y2);
    if (!checked) {
      fail_at(box.offset_debug(), "a box must have xmin < xmax and ymin < ymax, got ", x1, " ", y1,
              " ", x2, " ", y2);
    }
    return *checked;
  }

  fs::path path_;
  std::string text_;
  pugi::xml_document document_;
};

}  // namespace

Layout read_voc(const fs::path& folder) {
  const fs::path annotations = folder / "Annotations";
  if (!fs::is_directory(annotations)) {
    fail(ErrorCode::kNotFound, "no folder ", annotations.string());
  }
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(annotations)) {
    if (entry.path().extension() == ".xml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());

  const bool original = fs::is_directory(folder / "originalPics");
  const fs::path pictures = folder / (original ? "originalPics" : "JPEGImages");
  Layout layout{{}, kUnofficialFolds};
  for (const auto& file : files) {
    // The file's own name counts: <filename> is often left over from an earlier format.
    const std::string name = file.stem().string();
    Sample sample{.name = name,
                  .path = find_picture(pictures, name),
                  .faces = {},
                  .fold = fold_of(name, layout.samples.size())};
    VocFile(file).read_into(sample);
    layout.samples.push_back(std::move(sample));
  }
  return layout;
}

}  // namespace scrim
