#include "data/layouts.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "write_text.h"

namespace scrim {
namespace {

const std::string kObject =
    "<object>\n<name>with_mask</name>\n<bndbox>\n<xmin>1</xmin><ymin>2</ymin>\n"
    "<xmax>30.5</xmax><ymax>40</ymax>\n</bndbox>\n</object>\n";

class Voc : public testing::Test {
 protected:
  // Reads a dataset of one picture whose annotation holds `objects` from line 2 on.
  Layout read(const std::string& objects) {
    write_text(folder_ / "Annotations/photo7.xml",
               "<annotation><filename>other.png</filename>\n" + objects + "</annotation>\n");
    return read_voc(folder_.path());
  }
  void expect_corrupt(const std::string& objects, const std::string& part) {
    expect_error(ErrorCode::kCorrupt, "photo7.xml:" + part, [&] { read(objects); });
  }
  std::string replaced(const std::string& from, const std::string& to) {
    std::string text = kObject;
    return text.replace(text.find(from), from.size(), to);
  }
  TemporaryFolder folder_;
};

TEST_F(Voc, EveryObjectIsAFaceAndTheFileGivesTheName) {
  write_text(folder_ / "Annotations/photo12.xml", "<annotation/>");
  write_text(folder_ / "Annotations/notes.txt", "not an annotation");
  const Layout layout = read(kObject + replaced("with_mask", "person"));
  EXPECT_EQ(layout.folds, 10);
  ASSERT_EQ(layout.samples.size(), 2U);
  EXPECT_EQ(layout.samples[0].name, "photo12");
  EXPECT_EQ(layout.samples[0].fold, 3);
  EXPECT_TRUE(layout.samples[0].faces.empty());
  EXPECT_EQ(layout.samples[1].name, "photo7");
  EXPECT_EQ(layout.samples[1].fold, 8);
  ASSERT_EQ(layout.samples[1].faces.size(), 2U);
  EXPECT_EQ(layout.samples[1].face_names, (std::vector<std::string>{"with_mask", "person"}));
  EXPECT_EQ(layout.samples[1].faces[0].x1, 1);
  EXPECT_EQ(layout.samples[1].faces[0].y1, 2);
  EXPECT_EQ(layout.samples[1].faces[0].x2, 30.5F);
  EXPECT_EQ(layout.samples[1].faces[0].y2, 40);
}

TEST_F(Voc, FindsThePictureByItsExtension) {
  EXPECT_EQ(read(kObject).samples[0].path, folder_ / "JPEGImages/photo7.jpg");
  write_text(folder_ / "JPEGImages/photo7.png", "x");
  EXPECT_EQ(read(kObject).samples[0].path, folder_ / "JPEGImages/photo7.png");
  write_text(folder_ / "originalPics/photo7.jpg", "x");
  EXPECT_EQ(read(kObject).samples[0].path, folder_ / "originalPics/photo7.jpg");
}

TEST_F(Voc, MalformedObjectsNameFileAndLine) {
  expect_corrupt(replaced("<xmin>1</xmin>", ""), "4: a <bndbox> without <xmin>");
  expect_corrupt(replaced("<ymax>40</ymax>", "<ymax>many</ymax>"), "6: <ymax> must hold a number");
  expect_corrupt(replaced("<ymax>40</ymax>", "<ymax></ymax>"), "6: <ymax> must hold a number");
  expect_corrupt(replaced("<ymax>40</ymax>", "<ymax>nan</ymax>"), "6: <ymax> must hold a number");
  expect_corrupt(replaced("<ymax>40</ymax>", "<ymax>2</ymax>"), "4: a box must have xmin < xmax");
  expect_corrupt(replaced("<xmin>1</xmin>", "<xmin>31</xmin>"), "4: a box must have xmin < xmax");
  expect_corrupt(replaced("<xmin>1</xmin>", "<xmin>-1e9</xmin>"), "4: a box must");
  expect_corrupt("<object><name>a</name></object>\n", "2: an object without <bndbox>");
}

TEST_F(Voc, WhatIsNotXmlOrNoAnnotationNamesFileAndLine) {
  expect_corrupt(kObject + "<object>\n", "10: not XML");
  write_text(folder_ / "Annotations/photo7.xml", "");
  expect_error(ErrorCode::kCorrupt, "photo7.xml:1: ", [&] { read_voc(folder_.path()); });
  write_text(folder_ / "Annotations/photo7.xml", "<html/>");
  expect_error(ErrorCode::kCorrupt, "photo7.xml:1: there is no element <annotation>",
               [&] { read_voc(folder_.path()); });
}

TEST_F(Voc, NumbersMayHaveSpacesAround) {
  EXPECT_EQ(read(replaced("<xmin>1</xmin>", "<xmin> 3\n</xmin>")).samples[0].faces[0].x1, 3);
}

TEST_F(Voc, AMissingFolderIsNotFound) {
  expect_error(ErrorCode::kNotFound, "Annotations", [&] { read_voc(folder_.path()); });
}

}  // namespace
}  // namespace scrim
