// Pictures and what they show (faces, or a class): reading, writing, drawing; their datasets.
#pragma once

#include <scrim/activation.h>
#include <scrim/release.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace scrim {

// An 8-bit colour picture: rows of B, G, R triples.
struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  // height * width * 3
};

// Corners in pixels of the original picture; x2 > x1, y2 > y1. May cross the picture's edge.
struct Box {
  float x1 = 0, y1 = 0, x2 = 0, y2 = 0;
  float width() const { return x2 - x1; }
  float height() const { return y2 - y1; }
};

struct Detection {
  Box box;
  float score = 0;  // in [0, 1]
};

// The longest side that is read; a larger picture is refused before it is decoded.
inline constexpr int kMaxImageSide = 16384;

// Reads a JPEG, PNG, binary PGM or binary PPM, turned upright as its EXIF orientation says. Throws
// kNotFound, kCorrupt (empty, cut short, undecodable), kInvalidArgument (a side over
// kMaxImageSide).
Image read_image(const std::filesystem::path& path);
Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name);
// Writes a PNG, atomically.
void write_png(const std::filesystem::path& path, const Image& image);
std::vector<std::uint8_t> encode_png(const Image& image);
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);
// The picture with one rectangle and score a detection at or over `threshold`.
Image draw_detections(const Image& image, std::span<const Detection> detections, float threshold);

// A video file, one frame after the other. Decoded by FFmpeg.
class Video {
 public:
  // Throws kNotFound, kCorrupt (nothing that FFmpeg decodes).
  static Video open(const std::filesystem::path& path);
  Video(Video&&) noexcept;
  Video& operator=(Video&&) noexcept;
  ~Video();

  // Nothing at the end, which is also where a file that was cut short ends. Throws kInvalidArgument
  // for a side over kMaxImageSide.
  std::optional<Image> next();
  // How many were read.
  std::int64_t frames() const;

 private:
  struct Impl;
  explicit Video(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The picture as a head receives it: enlarged bilinearly in float32, mean subtracted, 1 x 3 x H x W
// in the order B, G, R. Throws kInvalidArgument if a side would exceed kMaxImageSide.
Tensor to_input(const Image& image, const InputRules& rules);
// The picture enlarged the same way, as 8-bit pixels: what an attacker tries to reconstruct.
Image enlarge(const Image& image, double scale);

// One picture and its annotation: faces, or the class that it belongs to.
struct Sample {
  std::string name;  // as the dataset's list names it
  std::filesystem::path path;
  std::vector<Box> faces;
  int fold = 1;                             // 1 to Dataset::folds()
  std::optional<int> label = std::nullopt;  // a place in Dataset::classes()
  // What VOC calls each of `faces`, "" for one without a name; empty in other layouts.
  std::vector<std::string> face_names = {};
};

struct DatasetOptions {
  // auto, fddb, voc, wider, classes, folder. auto takes the first that fits, in this order;
  // classes, one folder a class, fits where a file classes.txt names them.
  std::string layout = "auto";
  // Keep only the samples named in this file, one name a line without extension; empty for all.
  std::filesystem::path list = {};
};

// A dataset as it lies on disk. Opening reads every annotation, and no picture.
class Dataset {
 public:
  // Throws kNotFound, kCorrupt (file and line named), kInvalidArgument (no sample at all).
  static Dataset open(const std::filesystem::path& folder, DatasetOptions options = {});

  const std::string& layout() const { return layout_; }
  const std::filesystem::path& folder() const { return folder_; }
  const std::vector<Sample>& samples() const& { return samples_; }
  std::vector<Sample> samples() && { return std::move(samples_); }  // of a temporary, as in a loop
  int folds() const { return folds_; }
  // The names of the classes, in the order of their numbers; empty for a dataset of faces.
  const std::vector<std::string>& classes() const { return classes_; }
  // SHA-256 over names, boxes and classes: says which annotations a figure was measured on. The
  // same for one annotation in two layouts.
  std::string digest() const;

 private:
  std::filesystem::path folder_;
  std::string layout_;
  std::vector<Sample> samples_;
  std::vector<std::string> classes_;
  int folds_ = 1;
};

struct GenerateOptions {
  int pictures = 60;
  int width = 400;
  int height = 300;
  std::uint64_t seed = 1;
};

// Draws pictures with faces (varied skin, hair, pose, light, occlusion, clutter) in FDDB's layout,
// ten folds from ten pictures on: the same options draw the same bytes. Replaces a folder that it
// wrote before; throws kInvalidArgument if `folder` holds something else.
void generate_faces(const std::filesystem::path& folder, const GenerateOptions& options);

struct GenerateShapesOptions {
  int pictures = 800;
  int width = 64;
  int height = 64;
  std::uint64_t seed = 1;
};

// Draws pictures of one shape each (disc, ring, square, triangle, star, cross, arrow, crescent;
// varied colour, size, turn, place, light, clutter) in the layout of classes, in ten folds: a task
// for a small classifier. Bytes and folder as generate_faces.
void generate_shapes(const std::filesystem::path& folder, const GenerateShapesOptions& options);

}  // namespace scrim
