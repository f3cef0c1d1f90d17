#include <scrim/dataset.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "support/test_data.h"
#include "write_text.h"

namespace scrim {
namespace {

namespace fs = std::filesystem;

std::vector<int> per_fold(const Dataset& dataset, bool count_faces) {
  std::vector<int> result(static_cast<std::size_t>(dataset.folds()));
  for (const Sample& sample : dataset.samples()) {
    result[static_cast<std::size_t>(sample.fold - 1)] +=
        count_faces ? static_cast<int>(sample.faces.size()) : 1;
  }
  return result;
}

std::vector<float> heights(const Dataset& dataset) {
  std::vector<float> result;
  for (const Sample& sample : dataset.samples()) {
    for (const Box& face : sample.faces) result.push_back(face.height());
  }
  std::sort(result.begin(), result.end());
  return result;
}

long at_least(const std::vector<float>& sorted, float height) {
  return sorted.end() - std::lower_bound(sorted.begin(), sorted.end(), height);
}

double percentile(const std::vector<float>& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

TEST(DatasetGolden, Mask853IsTheSameAsVocAndAsFddb) {
  SCRIM_NEEDS_TEST_DATA("mask853");
  const auto voc = Dataset::open(test_data("mask853"), {.layout = "voc"});
  const auto fddb = Dataset::open(test_data("mask853"));
  EXPECT_EQ(fddb.layout(), "fddb");
  EXPECT_EQ(voc.samples().size(), 853U);
  EXPECT_EQ(voc.folds(), 10);
  EXPECT_EQ(fddb.folds(), 10);
  EXPECT_EQ(voc.digest(), fddb.digest());
  std::map<std::string, const Sample*> by_name;
  for (const Sample& sample : fddb.samples()) by_name[sample.name] = &sample;
  for (const Sample& sample : voc.samples()) {
    ASSERT_TRUE(by_name.contains(sample.name));
    EXPECT_EQ(by_name[sample.name]->fold, sample.fold) << sample.name;
    EXPECT_EQ(by_name[sample.name]->path, sample.path);
    EXPECT_TRUE(fs::exists(sample.path));
  }
}

TEST(DatasetGolden, Mask853HasThePublishedCounts) {
  SCRIM_NEEDS_TEST_DATA("mask853");
  const auto dataset = Dataset::open(test_data("mask853"), {.layout = "voc"});
  const auto sorted = heights(dataset);
  EXPECT_EQ(sorted.size(), 4072U);
  EXPECT_EQ(at_least(sorted, 20), 2572);
  EXPECT_EQ(at_least(sorted, 32), 1437);
  EXPECT_EQ(percentile(sorted, 0.05), 8);
  EXPECT_EQ(percentile(sorted, 0.25), 16);
  EXPECT_EQ(percentile(sorted, 0.50), 24);
  EXPECT_EQ(percentile(sorted, 0.75), 40);
  EXPECT_EQ(percentile(sorted, 0.95), 116);
}

TEST(DatasetGolden, Mask853ListsSplitThePictures) {
  SCRIM_NEEDS_TEST_DATA("mask853");
  const std::map<std::string, std::size_t> sizes = {
      {"split_train.txt", 682}, {"split_validate.txt", 85}, {"split_test.txt", 86}};
  for (const auto& [list, size] : sizes) {
    const auto part = Dataset::open(test_data("mask853"), {.list = test_data("mask853") / list});
    EXPECT_EQ(part.samples().size(), size) << list;
    EXPECT_EQ(part.folds(), 10);
  }
}

TEST(DatasetGolden, FddbHasThePublishedFoldsFacesAndSizes) {
  SCRIM_NEEDS_TEST_DATA("fddb");
  const auto dataset = Dataset::open(test_data("fddb"));
  EXPECT_EQ(dataset.layout(), "fddb");
  EXPECT_EQ(per_fold(dataset, false),
            (std::vector<int>{290, 285, 274, 302, 298, 302, 279, 276, 259, 280}));
  EXPECT_EQ(per_fold(dataset, true),
            (std::vector<int>{515, 519, 517, 517, 514, 518, 518, 518, 514, 521}));
  const auto sorted = heights(dataset);
  EXPECT_NEAR(percentile(sorted, 0.01), 22.6, 0.05);
  EXPECT_NEAR(percentile(sorted, 0.05), 40, 0.5);
  EXPECT_NEAR(percentile(sorted, 0.50), 125, 0.5);
  EXPECT_NEAR(percentile(sorted, 0.95), 298, 0.5);
  int crossing = 0;
  for (const Sample& sample : dataset.samples()) {
    for (const Box& face : sample.faces) crossing += face.x1 < 0 || face.y1 < 0;
  }
  EXPECT_EQ(crossing, 362);
}

TEST(DatasetGolden, GreyFolderIsReadRecursively) {
  SCRIM_NEEDS_TEST_DATA("orl_faces");
  const auto dataset = Dataset::open(test_data("orl_faces"));
  EXPECT_EQ(dataset.layout(), "folder");
  EXPECT_EQ(dataset.samples().size(), 390U);
  const Image image = read_image(dataset.samples().front().path);
  EXPECT_EQ(image.width, 92);
  EXPECT_EQ(image.height, 112);
}

// Three pictures in two folds, none of which exists.
void write_small_fddb(const fs::path& folder) {
  write_text(folder / "FDDB-folds/FDDB-fold-01-ellipseList.txt",
             "a/img_1\n1\n20 10 0 50 60 1\nb/img_2\n0\n");
  write_text(folder / "FDDB-folds/FDDB-fold-02-ellipseList.txt", "c/img_3\n1\n9 5 0 30 40 1\n");
}

TEST(Dataset, ListKeepsTheNamedPicturesInTheDatasetsOrder) {
  const TemporaryFolder folder;
  write_small_fddb(folder.path());
  write_text(folder / "list.txt", "c/img_3\na/img_1\r\n");
  const auto part = Dataset::open(folder.path(), {.list = folder / "list.txt"});
  ASSERT_EQ(part.samples().size(), 2U);
  EXPECT_EQ(part.samples()[0].name, "a/img_1");
  EXPECT_EQ(part.samples()[1].name, "c/img_3");
  EXPECT_EQ(part.folds(), 2);
}

TEST(Dataset, SamplesOfATemporaryOutliveIt) {
  const TemporaryFolder folder;
  write_small_fddb(folder.path());
  std::string names;
  for (const Sample& sample : Dataset::open(folder.path()).samples()) names += sample.name + " ";
  EXPECT_EQ(names, "a/img_1 b/img_2 c/img_3 ");
  static_assert(std::is_same_v<decltype(Dataset::open({}).samples()), std::vector<Sample>>);
  static_assert(std::is_same_v<decltype(std::declval<const Dataset&>().samples()),
                               const std::vector<Sample>&>);
}

TEST(Dataset, ABadListNamesFileAndLine) {
  const TemporaryFolder folder;
  write_small_fddb(folder.path());
  write_text(folder / "list.txt", "c/img_3\n\nd/img_4\n");
  const auto open = [&] { Dataset::open(folder.path(), {.list = folder / "list.txt"}); };
  expect_error(ErrorCode::kCorrupt, "list.txt:3: the dataset has no picture \"d/img_4\"", open);
  write_text(folder / "list.txt", "c/img_3\nc/img_3\n");
  expect_error(ErrorCode::kCorrupt, "list.txt:2: \"c/img_3\" is listed twice", open);
  write_text(folder / "list.txt", "\n");
  expect_error(ErrorCode::kInvalidArgument, "holds no picture", open);
  fs::remove(folder / "list.txt");
  expect_error(ErrorCode::kNotFound, "list.txt", open);
}

TEST(Dataset, DigestFollowsNamesAndBoxesButNotOrder) {
  const TemporaryFolder folder;
  const auto file = folder / "FDDB-folds/FDDB-fold-01-ellipseList.txt";
  const auto digest_of = [&](const std::string& text) {
    write_text(file, text);
    return Dataset::open(folder.path()).digest();
  };
  const std::string a = "a\n1\n20 10 0 50 60 1\n", b = "b\n0\n";
  const auto digest = digest_of(a + b);
  EXPECT_EQ(digest.size(), 64U);
  EXPECT_EQ(digest_of(b + a), digest);
  EXPECT_NE(digest_of(a + "c\n0\n"), digest);
  EXPECT_NE(digest_of("a\n1\n20 10 0 50 61 1\n" + b), digest);
  EXPECT_NE(digest_of(a), digest);
}

TEST(Dataset, ANameAnnotatedTwiceIsAnError) {
  const TemporaryFolder folder;
  write_small_fddb(folder.path());
  write_text(folder / "FDDB-folds/FDDB-fold-02-ellipseList.txt", "a/img_1\n0\n");
  expect_error(ErrorCode::kCorrupt, "annotates \"a/img_1\" twice",
               [&] { Dataset::open(folder.path()); });
}

TEST(Dataset, RefusesWhatIsNoDataset) {
  const TemporaryFolder folder;
  expect_error(ErrorCode::kInvalidArgument, "holds no picture",
               [&] { Dataset::open(folder.path()); });
  expect_error(ErrorCode::kNotFound, "none", [&] { Dataset::open(folder / "none"); });
  write_text(folder / "file", "x");
  expect_error(ErrorCode::kInvalidArgument, "is a file", [&] { Dataset::open(folder / "file"); });
  expect_error(ErrorCode::kInvalidArgument, "got coco",
               [&] { Dataset::open(folder.path(), {.layout = "coco"}); });
}

}  // namespace
}  // namespace scrim
