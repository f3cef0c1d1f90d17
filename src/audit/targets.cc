#include "audit/targets.h"

#include "base/check.h"

#include <opencv2/imgproc.hpp>

namespace scrim {

cv::Mat target_of(const Image& enlarged, const TargetGrid& grid) {
  const int width = static_cast<int>(grid.columns * grid.stride);
  const int height = static_cast<int>(grid.rows * grid.stride);
  check(enlarged.width > width - grid.stride && enlarged.width <= width &&
            enlarged.height > height - grid.stride && enlarged.height <= height,
        "a picture of ", enlarged.width, "x", enlarged.height, " does not have ", grid.columns, "x",
        grid.rows, " cells of ", grid.stride, " pixels");
  const cv::Mat pixels(enlarged.height, enlarged.width, CV_8UC3,
                       const_cast<std::uint8_t*>(enlarged.pixels.data()));
  cv::Mat whole, small;
  cv::copyMakeBorder(pixels, whole, 0, height - enlarged.height, 0, width - enlarged.width,
                     cv::BORDER_REPLICATE);
  whole.convertTo(whole, CV_32F);
  cv::resize(whole, small, {grid.columns * grid.block, grid.rows * grid.block}, 0, 0,
             cv::INTER_AREA);
  return small;
}

Image to_picture(const cv::Mat& target) {
  cv::Mat bytes;
  target.convertTo(bytes, CV_8U);
  return {bytes.cols, bytes.rows, {bytes.datastart, bytes.dataend}};
}

}  // namespace scrim
