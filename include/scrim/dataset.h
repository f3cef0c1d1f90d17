// Pictures and their faces: reading, writing, drawing; the datasets that hold them.
#pragma once

#include <scrim/activation.h>
#include <scrim/release.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
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

// The picture as a head receives it: enlarged bilinearly in float32, mean subtracted, 1 x 3 x H x W
// in the order B, G, R. Throws kInvalidArgument if a side would exceed kMaxImageSide.
Tensor to_input(const Image& image, const InputRules& rules);
// The picture enlarged the same way, as 8-bit pixels: what an attacker tries to reconstruct.
Image enlarge(const Image& image, double scale);

// One picture and its annotation.
struct Sample {
  std::string name;  // as the dataset's list names it
  std::filesystem::path path;
  std::vector<Box> faces;
  int fold = 1;  // 1 to Dataset::folds()
};

struct DatasetOptions {
  // auto, fddb, voc, wider, folder. auto takes the first that fits, in this order.
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
  const std::vector<Sample>& samples() const { return samples_; }
  int folds() const { return folds_; }
  // SHA-256 over names and boxes: says which annotations a figure was measured on. The same for
  // one annotation in two layouts.
  std::string digest() const;

 private:
  std::filesystem::path folder_;
  std::string layout_;
  std::vector<Sample> samples_;
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

}  // namespace scrim
