// Pictures as an attacker is measured on them: a few pixels a cell.
#pragma once

#include <scrim/dataset.h>

#include <opencv2/core.hpp>

#include <cstdint>

namespace scrim {

// Pixels of a reconstruction a cell, each way: a quarter of the enlarged picture at 32 pixels a
// cell.
inline constexpr int kTargetBlock = 8;

// How pictures become targets.
struct TargetGrid {
  int rows = 0, columns = 0;  // cells
  std::int64_t stride = 32;   // pixels of the enlarged picture a cell spans, each way
  int block = kTargetBlock;   // pixels of the target a cell spans, each way
};

// The enlarged picture at `block` pixels a cell, continued by its edge to whole cells and then
// averaged over areas: CV_32FC3, rows * block x columns * block, 0 to 255. Throws kInvalidArgument
// unless the picture ends within the last row and column of cells.
cv::Mat target_of(const Image& enlarged, const TargetGrid& grid);

// Rounded to 8 bits.
Image to_picture(const cv::Mat& target);

}  // namespace scrim
