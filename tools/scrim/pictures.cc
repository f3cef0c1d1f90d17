#include "pictures.h"

#include "command/command.h"

#include <algorithm>
#include <iomanip>
#include <set>
#include <sstream>

namespace scrim::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kFrameDigits = 6;

std::string extension_of(const fs::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

bool is_video(const fs::path& path) {
  return std::set<std::string>{".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v"}.contains(
      extension_of(path));
}

bool is_picture(const fs::path& path) {
  return std::set<std::string>{".jpg", ".jpeg", ".png", ".pgm", ".ppm"}.contains(
      extension_of(path));
}

}  // namespace

Pictures::Pictures(const std::vector<std::string>& inputs) {
  for (const fs::path input : inputs) {
    std::error_code ignored;
    if (!fs::exists(input, ignored))
      fail(ErrorCode::kNotFound, "no picture or folder ", input.string());
    if (fs::is_directory(input)) {
      add_folder(input, items_);
    } else {
      items_.push_back({input, input.stem()});
    }
  }
  require(!items_.empty(),
          "no picture (jpg, png, pgm, ppm) or video (mp4, avi, mkv, mov, webm) in what was named");
  std::sort(items_.begin(), items_.end(),
            [](const Item& a, const Item& b) { return a.name < b.name; });
  for (std::size_t i = 1; i < items_.size(); ++i) {
    require(items_[i].name != items_[i - 1].name, items_[i - 1].path.string(), " and ",
            items_[i].path.string(), " would both be written as ", items_[i].name.string());
  }
}

void Pictures::add_folder(const fs::path& folder, std::vector<Item>& items) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || !(is_picture(entry.path()) || is_video(entry.path()))) continue;
    items.push_back({entry.path(), fs::relative(entry.path(), folder).replace_extension()});
  }
}

std::optional<Picture> Pictures::next() {
  while (at_ < items_.size()) {
    const Item& item = items_[at_];
    reading_ = item.path;
    if (!is_video(item.path)) {
      ++at_;
      return Picture{item.path.string(), item.name, read_image(item.path)};
    }
    try {
      if (!video_) video_.emplace(Video::open(item.path));
      if (auto image = video_->next()) {
        std::ostringstream number;
        number << std::setw(kFrameDigits) << std::setfill('0') << video_->frames();
        return Picture{item.path.string() + " frame " + std::to_string(video_->frames()),
                       item.name / number.str(), std::move(*image)};
      }
    } catch (const Error&) {
      video_.reset();
      ++at_;
      throw;
    }
    video_.reset();
    ++at_;
  }
  return std::nullopt;
}

}  // namespace scrim::cli
