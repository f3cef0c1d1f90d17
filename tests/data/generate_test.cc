#include <scrim/dataset.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "write_text.h"

namespace scrim {
namespace {

namespace fs = std::filesystem;

GenerateOptions small(int pictures, std::uint64_t seed = 1) {
  return {.pictures = pictures, .width = 96, .height = 72, .seed = seed};
}

std::map<std::string, std::string> contents(const fs::path& folder) {
  std::map<std::string, std::string> result;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    result[entry.path().lexically_relative(folder).string()] = {std::istreambuf_iterator<char>(in),
                                                                {}};
  }
  return result;
}

TEST(GenerateFaces, TheSameOptionsDrawTheSameBytes) {
  const TemporaryFolder folder;
  generate_faces(folder / "a", small(5));
  generate_faces(folder / "b", small(5));
  generate_faces(folder / "c", small(5, 2));
  EXPECT_EQ(contents(folder / "a"), contents(folder / "b"));
  EXPECT_NE(contents(folder / "a"), contents(folder / "c"));
}

TEST(GenerateFaces, AnyPictureIsTheSameHoweverManyAreDrawn) {
  const TemporaryFolder folder;
  generate_faces(folder / "few", small(3));
  generate_faces(folder / "many", small(12));
  const auto many = contents(folder / "many");
  for (const auto& [name, bytes] : contents(folder / "few")) {
    if (!name.starts_with("originalPics")) continue;
    EXPECT_EQ(many.at(name), bytes) << name;
  }
}

TEST(GenerateFaces, OpensAsFddbWithReadablePictures) {
  const TemporaryFolder folder;
  generate_faces(folder / "faces", small(23));
  const auto dataset = Dataset::open(folder / "faces");
  EXPECT_EQ(dataset.layout(), "fddb");
  EXPECT_EQ(dataset.folds(), 10);
  ASSERT_EQ(dataset.samples().size(), 23U);
  std::map<int, int> folds;
  for (const Sample& sample : dataset.samples()) {
    ++folds[sample.fold];
    const Image image = read_image(sample.path);
    EXPECT_EQ(image.width, 96);
    EXPECT_EQ(image.height, 72);
    for (const Box& face : sample.faces) EXPECT_GT(face.height(), face.width() * 0.8F);
  }
  EXPECT_EQ(folds[1], 3);
  EXPECT_EQ(folds[10], 2);
}

TEST(GenerateFaces, FewPicturesMakeFewFoldsAndNoneIsEmpty) {
  const TemporaryFolder folder;
  generate_faces(folder / "faces", small(3));
  EXPECT_EQ(Dataset::open(folder / "faces").folds(), 3);
}

TEST(GenerateFaces, ReplacesItsOwnFolderAndNoOther) {
  const TemporaryFolder folder;
  generate_faces(folder / "faces", small(3));
  generate_faces(folder / "faces", small(2));
  EXPECT_EQ(Dataset::open(folder / "faces").samples().size(), 2U);
  write_text(folder / "mine/letter.txt", "dear");
  expect_error(ErrorCode::kInvalidArgument, "not drawn by generate",
               [&] { generate_faces(folder / "mine", small(2)); });
  EXPECT_TRUE(fs::exists(folder / "mine/letter.txt"));
  expect_error(ErrorCode::kInvalidArgument, "is a file",
               [&] { generate_faces(folder / "mine/letter.txt", small(2)); });
}

TEST(GenerateFaces, RefusesOptionsOutOfRange) {
  const TemporaryFolder folder;
  const auto refused = [&](GenerateOptions options, const std::string& part) {
    expect_error(ErrorCode::kInvalidArgument, part,
                 [&] { generate_faces(folder / "faces", options); });
  };
  refused({.pictures = 0}, "pictures must be");
  refused({.pictures = 100'000}, "pictures must be");
  refused({.width = 63}, "64 to 2048, got 63");
  refused({.height = 4000}, "64 to 2048, got 4000");
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(GenerateShapes, OpensAsClassesAndEveryFoldHasEveryClass) {
  const TemporaryFolder folder;
  generate_shapes(folder / "shapes", {.pictures = 160});
  const auto dataset = Dataset::open(folder / "shapes");
  EXPECT_EQ(dataset.layout(), "classes");
  EXPECT_EQ(dataset.classes().size(), 8U);
  EXPECT_EQ(dataset.classes().front(), "disc");
  std::map<std::pair<int, int>, int> cells;
  for (const Sample& sample : dataset.samples()) {
    ++cells[{sample.fold, sample.label.value()}];
    EXPECT_TRUE(
        sample.name.starts_with(dataset.classes()[static_cast<std::size_t>(*sample.label)]));
  }
  EXPECT_EQ(cells.size(), 80U);
  for (const auto& [cell, count] : cells) EXPECT_EQ(count, 2) << cell.first << ' ' << cell.second;
  EXPECT_EQ(read_image(dataset.samples().front().path).width, 64);
}

TEST(GenerateShapes, TheSameOptionsDrawTheSameBytesHoweverMany) {
  const TemporaryFolder folder;
  generate_shapes(folder / "few", {.pictures = 9});
  generate_shapes(folder / "many", {.pictures = 20});
  generate_shapes(folder / "other", {.pictures = 9, .seed = 2});
  const auto many = contents(folder / "many"), other = contents(folder / "other");
  for (const auto& [name, bytes] : contents(folder / "few")) {
    if (!name.ends_with(".png")) continue;
    EXPECT_EQ(many.at(name), bytes) << name;
    EXPECT_NE(other.at(name), bytes) << name;
  }
}

TEST(GenerateShapes, ReplacesDrawnFoldersAndNoOther) {
  const TemporaryFolder folder;
  generate_faces(folder / "drawn", small(2));
  generate_shapes(folder / "drawn", {.pictures = 3});
  EXPECT_EQ(Dataset::open(folder / "drawn").classes().size(), 8U);
  write_text(folder / "mine/letter.txt", "dear");
  expect_error(ErrorCode::kInvalidArgument, "not drawn by generate",
               [&] { generate_shapes(folder / "mine", {}); });
  expect_error(ErrorCode::kInvalidArgument, "pictures must be",
               [&] { generate_shapes(folder / "new", {.pictures = 0}); });
}

}  // namespace
}  // namespace scrim
