#include <scrim/evaluate.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>

namespace scrim {
namespace {

class ReadDetections : public testing::Test {
 protected:
  DetectionsByName read(const std::string& text) const {
    std::ofstream(folder_ / "found.txt", std::ios::binary) << text;
    return read_detections(folder_ / "found.txt");
  }
  void expect_corrupt(const std::string& text, const std::string& part) const {
    expect_error(ErrorCode::kCorrupt, part, [&] { read(text); });
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(ReadDetections, ReadsNamesCountsAndBoxes) {
  const auto detections = read(
      "2002/08/11/big/img_591\n2\n196 71 148 206 0.99999654\n"
      "-3.5 2e1 4 5 -1.25\n2002/08/26/big/img_265\n0\n");
  ASSERT_EQ(detections.size(), 2);
  const auto& first = detections.at("2002/08/11/big/img_591");
  ASSERT_EQ(first.size(), 2);
  EXPECT_EQ(first[0].box.x1, 196);
  EXPECT_EQ(first[0].box.y1, 71);
  EXPECT_EQ(first[0].box.x2, 196 + 148);
  EXPECT_EQ(first[0].box.y2, 71 + 206);
  EXPECT_FLOAT_EQ(first[0].score, 0.99999654F);
  EXPECT_EQ(first[1].box.x1, -3.5F);
  EXPECT_EQ(first[1].box.y2, 25);
  EXPECT_EQ(first[1].score, -1.25F);  // a score need not be a probability
  EXPECT_TRUE(detections.at("2002/08/26/big/img_265").empty());
}

TEST_F(ReadDetections, TakesBlankLinesCarriageReturnsAndAMissingLastNewline) {
  const auto detections = read("a b\r\n1 \r\n1\t2  3 4 0.5\t\r\n\r\n\nc\n0");
  ASSERT_EQ(detections.size(), 2);
  EXPECT_EQ(detections.at("a b").size(), 1);  // a name may hold a blank
}

TEST_F(ReadDetections, NamesFileAndLineOfABadNumber) {
  expect_corrupt("a\n1\n1 2 3 4\n", "found.txt:3: a detection must be five finite numbers");
  expect_corrupt("a\n1\n1 2 3 4 x\n", ":3:");
  expect_corrupt("a\n1\n1 2 3 4 0.5x\n", ":3:");
  expect_corrupt("a\n1\n1 2 3 4 nan\n", ":3:");
  expect_corrupt("a\n1\n1 2 3 inf 1\n", ":3:");
  expect_corrupt("a\n1\n1 2 3 4 1e99\n", ":3:");
  expect_corrupt("a\n0\nb\n1\n1 2 3 4 0.5 6\n", ":5: a detection must be five numbers, more");
  expect_corrupt("a\n1\n1 2 0 4 0.5\n", ":3: width and height must be positive, got 0 and 4");
  expect_corrupt("a\n1\n1 2 3 -4 0.5\n", ":3: width and height");
}

TEST_F(ReadDetections, NamesFileAndLineOfABadCount) {
  for (const std::string count : {"-1", "x", "1.5", "1000001", "99999999999999999999", "2 3"}) {
    expect_corrupt("a\n" + count + "\n", "found.txt:2: the number of detections");
  }
}

TEST_F(ReadDetections, NamesFileAndLineWhereATruncatedFileEnds) {
  expect_corrupt("a\n", "found.txt:1: the file ends where the number of detections should");
  expect_corrupt("a\n2\n1 2 3 4 0.5\n", "found.txt:3: the file ends where a detection should");
}

TEST_F(ReadDetections, RefusesAPictureListedTwice) {
  expect_corrupt("a\n0\na\n0\n", "found.txt:3: the picture is listed twice");
}

TEST_F(ReadDetections, RefusesAFileWithoutPictures) {
  expect_corrupt("", "no picture");
  expect_corrupt("\n\n", "no picture");
}

TEST_F(ReadDetections, MissingFileIsNotFound) {
  expect_error(ErrorCode::kNotFound, "nowhere.txt", [] { read_detections("nowhere.txt"); });
}

}  // namespace
}  // namespace scrim
