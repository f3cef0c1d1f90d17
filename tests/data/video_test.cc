#include <scrim/dataset.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>
#include <opencv2/videoio.hpp>

#include <cstdlib>
#include <fstream>

namespace scrim {
namespace {

constexpr int kFrames = 4;

// Each frame one grey, brighter than the one before.
void write_video(const std::filesystem::path& path) {
  cv::VideoWriter writer(path.string(), cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10, {64, 48});
  for (int i = 0; i < kFrames; ++i) {
    writer.write(cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(40 * (i + 1))));
  }
}

TEST(Video, IsReadFrameByFrame) {
  const TemporaryFolder folder;
  write_video(folder / "a.avi");
  Video video = Video::open(folder / "a.avi");
  for (int i = 0; i < kFrames; ++i) {
    EXPECT_EQ(video.frames(), i);
    const auto frame = video.next();
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->width, 64);
    EXPECT_EQ(frame->height, 48);
    EXPECT_NEAR(frame->pixels.at(0), 40 * (i + 1), 6);
  }
  EXPECT_FALSE(video.next());
  EXPECT_EQ(video.frames(), kFrames);
}

TEST(Video, WhatIsNoneIsNamed) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kNotFound, "no video", [&] { Video::open(folder / "missing.mp4"); });
  expect_error(ErrorCode::kNotFound, "no video", [&] { Video::open(folder.path()); });
  std::ofstream(folder / "text.mp4") << "text";
  std::ofstream(folder / "empty.mp4").flush();
  for (const char* name : {"text.mp4", "empty.mp4"}) {
    expect_error(ErrorCode::kCorrupt, "is no video that can be decoded",
                 [&] { Video::open(folder / name); });
  }
}

// What is named is a file, whatever its name looks like.
TEST(Video, ANameIsNeverAnAddress) {
  for (const char* name : {"http://127.0.0.1:1/a.mp4", "concat:a.mp4|b.mp4", "-"}) {
    expect_error(ErrorCode::kNotFound, "no video", [&] { Video::open(name); });
  }
}

}  // namespace
}  // namespace scrim
