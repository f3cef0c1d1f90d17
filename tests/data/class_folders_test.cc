#include "data/layouts.h"

#include <gtest/gtest.h>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "write_text.h"

namespace scrim {
namespace {

void write_pictures(const std::filesystem::path& folder) {
  for (const char* file : {"cat/a_3.png", "cat/old/b_4.jpg", "dog/a_3.png"}) {
    write_text(folder / file, "x");
  }
}

TEST(ClassFolders, TheFirstFolderOfThePathIsTheClass) {
  const TemporaryFolder folder;
  write_pictures(folder.path());
  const Layout layout = read_class_folders(folder.path());
  EXPECT_EQ(layout.classes, (std::vector<std::string>{"cat", "dog"}));
  ASSERT_EQ(layout.samples.size(), 3U);
  EXPECT_EQ(layout.samples[0].name, "cat/a_3");
  EXPECT_EQ(layout.samples[0].label, 0);
  EXPECT_EQ(layout.samples[1].name, "cat/old/b_4");
  EXPECT_EQ(layout.samples[1].label, 0);
  EXPECT_EQ(layout.samples[2].label, 1);
  EXPECT_EQ(layout.folds, 10);
  EXPECT_EQ(layout.samples[0].fold, 4);
  EXPECT_EQ(layout.samples[1].fold, 5);
  EXPECT_TRUE(layout.samples[0].faces.empty());
}

// So that a part of the data without one class still numbers the others as the whole does.
TEST(ClassFolders, TheListGivesOrderAndClassesWithoutPictures) {
  const TemporaryFolder folder;
  write_pictures(folder.path());
  write_text(folder / "classes.txt", "dog\r\nbird\n\ncat\n");
  const auto dataset = Dataset::open(folder.path());
  EXPECT_EQ(dataset.layout(), "classes");
  EXPECT_EQ(dataset.classes(), (std::vector<std::string>{"dog", "bird", "cat"}));
  EXPECT_EQ(dataset.samples()[0].label, 2);
  EXPECT_EQ(dataset.samples()[2].label, 0);
}

TEST(ClassFolders, FoldersWithoutAListAreClassesOnlyWhenAskedFor) {
  const TemporaryFolder folder;
  write_pictures(folder.path());
  EXPECT_EQ(Dataset::open(folder.path()).layout(), "folder");
  EXPECT_TRUE(Dataset::open(folder.path()).classes().empty());
  EXPECT_FALSE(Dataset::open(folder.path()).samples()[0].label.has_value());
  EXPECT_EQ(Dataset::open(folder.path(), {.layout = "classes"}).classes().size(), 2U);
}

TEST(ClassFolders, DigestFollowsTheClassByName) {
  const TemporaryFolder folder;
  write_pictures(folder.path());
  const auto digest = [&](const char* classes) {
    write_text(folder / "classes.txt", classes);
    return Dataset::open(folder.path()).digest();
  };
  EXPECT_EQ(digest("cat\ndog\n"), digest("dog\nbird\ncat\n"));
  EXPECT_NE(digest("cat\ndog\n"), Dataset::open(folder.path(), {.layout = "folder"}).digest());
}

TEST(ClassFolders, RefusesPicturesOfNoClassAndBadLists) {
  const TemporaryFolder folder;
  write_pictures(folder.path());
  const auto read = [&] { read_class_folders(folder.path()); };
  write_text(folder / "top.png", "x");
  expect_error(ErrorCode::kCorrupt, "top.png: lies in the folder of none of the 2 classes", read);
  std::filesystem::remove(folder / "top.png");
  write_text(folder / "classes.txt", "cat\n");
  expect_error(ErrorCode::kCorrupt, "a_3.png: lies in the folder of none of the 1 classes", read);
  write_text(folder / "classes.txt", "cat\n\ncat\n");
  expect_error(ErrorCode::kCorrupt, "classes.txt:3: the class \"cat\" is listed twice", read);
  write_text(folder / "classes.txt", "cat\na/b\n");
  expect_error(ErrorCode::kCorrupt, "classes.txt:2: \"a/b\" is not the name of a folder", read);
}

}  // namespace
}  // namespace scrim
