#include "data/layouts.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "write_text.h"

namespace scrim {
namespace {

const std::string kTrain = "wider_face_split/wider_face_train_bbx_gt.txt";
const std::string kVal = "wider_face_split/wider_face_val_bbx_gt.txt";

class Wider : public testing::Test {
 protected:
  Layout read(const std::string& text) {
    write_text(folder_ / kVal, text);
    return read_wider(folder_.path());
  }
  void expect_corrupt(const std::string& text, const std::string& part) {
    expect_error(ErrorCode::kCorrupt, "wider_face_val_bbx_gt.txt:" + part, [&] { read(text); });
  }
  TemporaryFolder folder_;
};

TEST_F(Wider, ReadsBothPartsWithTheirPictures) {
  write_text(folder_ / kTrain, "0--Parade/0_Parade_849.jpg\n1\n449 330 122 149 0 0 0 0 0 0 \n");
  const Layout layout =
      read("1--Handshaking/1_a_12.jpg\n2\n1 2 3 4 0 0 0 0 0 0\n5 6 7 8 2 1 1 0 2 1\n");
  EXPECT_EQ(layout.folds, 10);
  ASSERT_EQ(layout.samples.size(), 2U);
  EXPECT_EQ(layout.samples[0].name, "0--Parade/0_Parade_849");
  EXPECT_EQ(layout.samples[0].path, folder_ / "WIDER_train/images/0--Parade/0_Parade_849.jpg");
  EXPECT_EQ(layout.samples[0].fold, 10);
  EXPECT_EQ(layout.samples[1].path, folder_ / "WIDER_val/images/1--Handshaking/1_a_12.jpg");
  EXPECT_EQ(layout.samples[1].fold, 3);
  ASSERT_EQ(layout.samples[1].faces.size(), 2U);
  const Box& box = layout.samples[1].faces[1];
  EXPECT_EQ(box.x1, 5);
  EXPECT_EQ(box.y1, 6);
  EXPECT_EQ(box.x2, 12);
  EXPECT_EQ(box.y2, 14);
}

TEST_F(Wider, APictureWithoutFacesHasOneLineOfZeros) {
  const Layout layout =
      read("a/b_1.jpg\n0\n0 0 0 0 0 0 0 0 0 0\na/b_2.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n");
  ASSERT_EQ(layout.samples.size(), 2U);
  EXPECT_TRUE(layout.samples[0].faces.empty());
  EXPECT_EQ(layout.samples[1].faces.size(), 1U);
}

TEST_F(Wider, FacesMarkedInvalidOrWithoutAreaDoNotCount) {
  const Layout layout =
      read("a/b_1.jpg\n3\n1 2 3 4 0 0 0 1 0 0\n1 2 0 4 0 0 0 0 0 0\n1 2 3 4 0 0 0 0 0 0\n");
  EXPECT_EQ(layout.samples[0].faces.size(), 1U);
}

TEST_F(Wider, MalformedLinesNameFileAndLine) {
  expect_corrupt("a/b_1.jpg\n1\n1 2 3 4\n",
                 "3: a face (x y w h and 6 attributes) must be 10 numbers, got 4");
  expect_corrupt("a/b_1.jpg\n1\n1 2 x 4 0 0 0 0 0 0\n", "3: a face");
  expect_corrupt("a/b_1.jpg\n1\n1 2 -3 4 0 0 0 0 0 0\n", "3: a face's width and height");
  expect_corrupt("a/b_1.jpg\n1\n1e30 2 3 4 0 0 0 0 0 0\n", "3: a face lies too far out");
  expect_corrupt("a/b_1.jpg\nfew\n", "2: the number of faces");
  expect_corrupt("a/b_1.jpg\n2\n1 2 3 4 0 0 0 0 0 0\n", "3: the file ends");
  expect_corrupt("a/b_1.jpg\n0\n1 2 3 4 0 0 0 0 0 0\n", "3: a face follows a count of 0");
  expect_corrupt("a/b_1.jpg\n1\n1 2 3 4 0 0 0 0 0 0\n1 2 3 4 0 0 0 0 0 0\n",
                 "4: a picture's name must follow");
}

TEST_F(Wider, WithoutAListNothingIsFound) {
  expect_error(ErrorCode::kNotFound, "wider_face_split", [&] { read_wider(folder_.path()); });
}

}  // namespace
}  // namespace scrim
