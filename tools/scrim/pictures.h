// The pictures that a command line names: files, folders of them, and videos frame by frame.
#pragma once

#include <scrim/dataset.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace scrim::cli {

struct Picture {
  std::string source;          // as it is named: "team.jpg", or "walk.mp4 frame 12"
  std::filesystem::path name;  // of what is written of it, without extension: "walk/000012"
  Image image;
};

class Pictures {
 public:
  // Throws kNotFound for a name that is no file or folder, kInvalidArgument for no picture at all
  // and for two that would be written under one name.
  explicit Pictures(const std::vector<std::string>& inputs);

  // The next one in the order of their names; nothing at the end. When it throws, the next call
  // goes on behind what could not be read, which read() names.
  std::optional<Picture> next();
  // What the last call of next() read from.
  const std::filesystem::path& read() const { return reading_; }
  // Files that were named: a video counts one.
  std::size_t files() const { return items_.size(); }

 private:
  struct Item {
    std::filesystem::path path;
    std::filesystem::path name;
  };
  static void add_folder(const std::filesystem::path& folder, std::vector<Item>& items);

  std::vector<Item> items_;
  std::size_t at_ = 0;
  std::optional<Video> video_;  // that is being read: items_[at_]
  std::filesystem::path reading_;
};

}  // namespace scrim::cli
