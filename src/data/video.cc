#include <scrim/dataset.h>

#include "base/check.h"
#include "data/mat.h"

#include <opencv2/videoio.hpp>

namespace scrim {

struct Video::Impl {
  cv::VideoCapture capture;
  std::string name;
  std::int64_t frames = 0;
};

Video::Video(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Video::Video(Video&&) noexcept = default;
Video& Video::operator=(Video&&) noexcept = default;
Video::~Video() = default;

Video Video::open(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    fail(ErrorCode::kNotFound, "no video ", path.string());
  }
  auto impl = std::make_unique<Impl>();
  impl->name = path.string();
  try {
    // A path and never a URL: the file was there a moment ago.
    impl->capture.open(std::filesystem::absolute(path).string(), cv::CAP_FFMPEG);
  } catch (const cv::Exception&) {
    // The same as one that did not open: said below, in our words.
  }
  if (!impl->capture.isOpened()) {
    fail(ErrorCode::kCorrupt, path.string(), " is no video that can be decoded");
  }
  return Video(std::move(impl));
}

std::optional<Image> Video::next() {
  cv::Mat frame;
  try {
    if (!impl_->capture.read(frame) || frame.empty()) return std::nullopt;
  } catch (const cv::Exception&) {
    fail(ErrorCode::kCorrupt, impl_->name, " cannot be decoded after frame ", impl_->frames);
  }
  check(frame.cols <= kMaxImageSide && frame.rows <= kMaxImageSide, impl_->name, " is ", frame.cols,
        " x ", frame.rows, " pixels, and the longest side read is ", kMaxImageSide);
  ++impl_->frames;
  return to_image(frame);
}

std::int64_t Video::frames() const { return impl_->frames; }

}  // namespace scrim
