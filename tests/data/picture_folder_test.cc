#include "data/layouts.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"
#include "write_text.h"

namespace scrim {
namespace {

std::vector<std::string> names(const Layout& layout) {
  std::vector<std::string> result;
  for (const Sample& sample : layout.samples) result.push_back(sample.name);
  return result;
}

TEST(PictureFolder, TakesPicturesOfAllSubfoldersInOrder) {
  const TemporaryFolder folder;
  for (const char* file : {"b.JPG", "a/z.png", "a/y.jpeg", "c.pgm", "d.ppm"}) {
    write_text(folder / file, "x");
  }
  for (const char* file : {"notes.txt", "a/clip.mp4", "jpg", ".jpg.swp"}) {
    write_text(folder / file, "x");
  }
  const Layout layout = read_picture_folder(folder.path());
  EXPECT_EQ(names(layout), (std::vector<std::string>{"a/y", "a/z", "b", "c", "d"}));
  EXPECT_EQ(layout.folds, 1);
  EXPECT_EQ(layout.samples[2].path, folder / "b.JPG");
  EXPECT_EQ(layout.samples[2].fold, 1);
  EXPECT_TRUE(layout.samples[2].faces.empty());
}

TEST(PictureFolder, PicturesOfOneStemKeepApart) {
  const TemporaryFolder folder;
  write_text(folder / "a.jpg", "x");
  write_text(folder / "a.png", "x");
  EXPECT_EQ(names(read_picture_folder(folder.path())), (std::vector<std::string>{"a", "a.png"}));
}

TEST(PictureFolder, DoesNotFollowALinkInACircle) {
  const TemporaryFolder folder;
  write_text(folder / "a/b.jpg", "x");
  std::filesystem::create_directory_symlink(folder.path(), folder / "a/loop");
  EXPECT_EQ(names(read_picture_folder(folder.path())), (std::vector<std::string>{"a/b"}));
}

TEST(FoldOf, IsTheLastDigitPlusOneElseThePosition) {
  EXPECT_EQ(fold_of("maksssksksss0", 5), 1);
  EXPECT_EQ(fold_of("maksssksksss129", 5), 10);
  EXPECT_EQ(fold_of("portrait", 5), 6);
  EXPECT_EQ(fold_of("portrait", 19), 10);
  EXPECT_EQ(fold_of("", 20), 1);
}

}  // namespace
}  // namespace scrim
