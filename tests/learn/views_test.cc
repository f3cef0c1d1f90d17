#include "learn/views.h"

#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace scrim {
namespace {

WindowOptions small_window() {
  WindowOptions window;
  window.size = 64;
  return window;
}

Dataset drawn(const std::filesystem::path& folder, int pictures) {
  generate_faces(folder, {.pictures = pictures, .width = 100, .height = 80, .seed = 3});
  return Dataset::open(folder);
}

TEST(Views, ViewIsTheSameInAnyBatch) {
  TemporaryFolder folder;
  const Pictures pictures({drawn(folder / "d", 7)});
  const Views views(pictures, small_window(), 11);
  const ViewBatch batch = views.draw(4, 6);
  for (int i = 0; i < 6; ++i) {
    EXPECT_TRUE(torch::equal(batch.input[i], views.draw(4 + i, 1).input[0])) << i;
  }
  ViewsAhead ahead(views);  // in order, then anywhere, then as many as nobody expected
  EXPECT_TRUE(torch::equal(batch.input.narrow(0, 0, 3), ahead.take(4, 3).input));
  EXPECT_TRUE(torch::equal(batch.input.narrow(0, 3, 3), ahead.take(7, 3).input));
  EXPECT_TRUE(torch::equal(batch.input, ahead.take(4, 6).input));
  EXPECT_TRUE(torch::equal(views.draw(10, 2).input, ahead.take(10, 2).input));
}

TEST(Views, AreTheSameHoweverManyThreadsDrawThem) {
  TemporaryFolder folder;
  const Pictures pictures({drawn(folder / "d", 7)});
  const Views views(pictures, small_window(), 11);
  const ViewBatch one = views.draw(4, 6);
  for (const int threads : {2, 3, 5, 6, 9}) {
    const ViewBatch several = views.draw(4, 6, threads);
    EXPECT_TRUE(torch::equal(one.input, several.input)) << threads;
    for (std::size_t i = 0; i < 6; ++i) {
      const auto& wanted = one.labels[i].faces.faces;
      const auto& faces = several.labels[i].faces.faces;
      ASSERT_EQ(wanted.size(), faces.size()) << threads;
      for (std::size_t f = 0; f < faces.size(); ++f) EXPECT_EQ(wanted[f].x1, faces[f].x1);
    }
  }
}

TEST(Views, PassShowsEveryPictureOnceInANewOrder) {
  TemporaryFolder folder;
  const Pictures pictures({drawn(folder / "d", 9)});
  const Views views(pictures, small_window(), 11);
  std::vector<std::vector<std::size_t>> passes(3);
  for (std::int64_t view = 0; view < 27; ++view) {
    passes[static_cast<std::size_t>(view / 9)].push_back(views.picture_of(view));
  }
  for (const auto& pass : passes)
    EXPECT_EQ(std::set<std::size_t>(pass.begin(), pass.end()).size(), 9U);
  EXPECT_NE(passes[0], passes[1]);
}

TEST(Views, OfChosenPicturesShowNoOthers) {
  TemporaryFolder folder;
  const Pictures pictures({drawn(folder / "d", 9)});
  const Views views(pictures, {2, 5}, small_window(), 11);
  std::set<std::size_t> seen;
  for (std::int64_t view = 0; view < 10; ++view) seen.insert(views.picture_of(view));
  EXPECT_EQ(seen, (std::set<std::size_t>{2, 5}));
}

TEST(Pictures, UnreadableOnesAreNamedAndLeftOut) {
  TemporaryFolder folder;
  const Dataset dataset = drawn(folder / "d", 5);
  std::ofstream(dataset.samples()[2].path, std::ios::trunc) << "no picture";
  const Pictures pictures({dataset});
  EXPECT_EQ(pictures.size(), 4U);
  ASSERT_EQ(pictures.skipped().size(), 1U);
  EXPECT_NE(pictures.skipped()[0].find(dataset.samples()[2].name), std::string::npos);
}

TEST(Pictures, OverTheMemoryLimitAreReadAgain) {
  TemporaryFolder folder;
  const Dataset dataset = drawn(folder / "d", 3);
  const Pictures kept({dataset});
  const Pictures read({dataset}, /*limit=*/1);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(kept.image(i).pixels, read.image(i).pixels);
}

TEST(Views, RefuseAWindowThatTheNetworkCannotTile) {
  TemporaryFolder folder;
  const Pictures pictures({drawn(folder / "d", 1)});
  WindowOptions window;
  window.size = 100;
  expect_error(ErrorCode::kInvalidArgument, "multiple of 64 pixels, got 100",
               [&] { Views(pictures, window, 1); });
}

}  // namespace
}  // namespace scrim
