// Between Image and OpenCV's matrix.
#pragma once

#include <scrim/dataset.h>

#include <opencv2/core.hpp>

namespace scrim {

// Throws kInvalidArgument unless both sides are 1 to kMaxImageSide and the pixels are all there.
void check_image(const Image& image);

// The image's pixels as a matrix, without a copy: valid as long as the image is.
cv::Mat view(const Image& image);

// A copy of a CV_8UC3 matrix.
Image to_image(const cv::Mat& mat);

}  // namespace scrim
