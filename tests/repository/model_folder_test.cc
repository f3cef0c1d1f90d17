#include "repository/model_folder.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfig =
    "backend: 'pytorch' input { name: 'X' data_type: TYPE_FP32 dims: 4 } "
    "output { name: 'Y' data_type: TYPE_FP32 dims: 4 label_filename: 'labels.txt' }";

void add_model(const fs::path& root, const std::string& name, const std::string& version = "1") {
  fs::create_directories(root / name / version);
  write_file_atomically(root / name / version / "model.pt", "network");
  write_file_atomically(root / name / "config.pbtxt", kConfig);
}

TEST(ModelFolder, ModelsAreFoldersWithPlainNames) {
  const TemporaryFolder root;
  for (const char* name : {"b.1-x", "a"}) add_model(root.path(), name);
  add_model(root.path(), ".hidden");
  add_model(root.path(), "two..dots");
  add_model(root.path(), "a name");
  write_file_atomically(root / "file", "");
  const auto models = list_models({root.path()});
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[0].name, "a");
  EXPECT_EQ(models[1].name, "b.1-x");
}

TEST(ModelFolder, VersionsArePlainDecimals) {
  const TemporaryFolder root;
  for (const char* version : {"10", "2", "03", "0", "x", "1a", "-1", "99999999999999999999"}) {
    add_model(root.path(), "m", version);
  }
  EXPECT_EQ(list_models({root.path()})[0].versions, std::vector<std::int64_t>({2, 10}));
}

TEST(ModelFolder, ANameInTwoRepositoriesIsAmbiguous) {
  const TemporaryFolder one, other;
  add_model(one.path(), "m");
  add_model(other.path(), "m");
  add_model(other.path(), "n");
  const auto models = list_models({one.path(), other.path()});
  ASSERT_EQ(models.size(), 2U);
  EXPECT_TRUE(models[0].ambiguous);
  EXPECT_FALSE(models[1].ambiguous);
  expect_error(ErrorCode::kNotFound, "no folder", [&] { list_models({one / "missing"}); });
}

TEST(ModelFolder, AnyChangeOfAFileChangesTheFingerprint) {
  const TemporaryFolder root;
  add_model(root.path(), "m");
  const auto print = [&] { return list_models({root.path()})[0].fingerprint; };
  const std::uint64_t first = print();
  EXPECT_EQ(print(), first);
  write_file_atomically(root / "m" / "1" / "model.pt", "another network");
  const std::uint64_t second = print();
  EXPECT_NE(second, first);
  fs::create_directories(root / "m" / "2");
  EXPECT_NE(print(), second);
  fs::remove(root / "m" / "2");
  EXPECT_EQ(print(), second);
}

TEST(ModelFolder, ALinkedModelIsSeenThroughItsLink) {
  const TemporaryFolder root, elsewhere;
  add_model(elsewhere.path(), "v1");
  fs::create_directory_symlink(elsewhere / "v1", root / "m");
  const auto models = list_models({root.path()});
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models[0].name, "m");
  EXPECT_EQ(models[0].versions, std::vector<std::int64_t>({1}));
}

// A mounted ConfigMap: files are links through "..data", a link that is replaced as one.
TEST(ModelFolder, AMountThatIsReplacedAtOnceIsSeenAsAChange) {
  const TemporaryFolder root;
  const fs::path model = root / "m";
  fs::create_directories(model / "1");
  const auto mount = [&](const std::string& stamp, const std::string& config) {
    fs::create_directories(model / stamp);
    write_file_atomically(model / stamp / "config.pbtxt", config);
    write_file_atomically(model / stamp / "model.pt", "network");
    fs::create_directory_symlink(stamp, model / "..data_tmp");
    fs::rename(model / "..data_tmp", model / "..data");
  };
  mount("..2026_01", kConfig);
  fs::create_symlink("..data/config.pbtxt", model / "config.pbtxt");
  fs::create_symlink("../..data/model.pt", model / "1" / "model.pt");
  const ModelFolder first = list_models({root.path()}).at(0);
  EXPECT_EQ(first.versions, std::vector<std::int64_t>({1}));
  EXPECT_EQ(read_model_config(first).max_batch_size, 0);
  EXPECT_EQ(read_file(model_file(first, read_model_config(first), 1)), "network");
  mount("..2026_02", std::string(kConfig) + " max_batch_size: 2");
  const ModelFolder second = list_models({root.path()}).at(0);
  EXPECT_NE(second.fingerprint, first.fingerprint);
  EXPECT_EQ(read_model_config(second).max_batch_size, 2);
}

TEST(ModelFolder, ALinkThatLeadsNowhereOrToItselfIsNoModel) {
  const TemporaryFolder root;
  add_model(root.path(), "m");
  fs::create_directory_symlink("missing", root / "lost");
  fs::create_directory_symlink("self", root / "self");
  fs::create_directory_symlink("..", root / "m" / "1" / "up");  // a loop below a version
  const auto models = list_models({root.path()});
  ASSERT_EQ(models.size(), 1U);
  EXPECT_EQ(models[0].name, "m");
}

TEST(ModelFolder, TheNamedConfigIsReadWhereThereIsOne) {
  const TemporaryFolder root;
  add_model(root.path(), "m");
  fs::create_directories(root / "m" / "configs");
  write_file_atomically(root / "m" / "configs" / "big.pbtxt",
                        std::string(kConfig) + " max_batch_size: 7");
  const ModelFolder folder = list_models({root.path()})[0];
  EXPECT_EQ(read_model_config(folder).max_batch_size, 0);
  EXPECT_EQ(read_model_config(folder, "big").max_batch_size, 7);
  EXPECT_EQ(read_model_config(folder, "small").max_batch_size, 0);
  expect_error(ErrorCode::kInvalidArgument, "config name '../big'",
               [&] { read_model_config(folder, "../big"); });
  fs::remove(root / "m" / "config.pbtxt");
  expect_error(ErrorCode::kNotFound, "no config.pbtxt", [&] { read_model_config(folder); });
}

TEST(ModelFolder, ThePolicyChoosesVersions) {
  const std::vector<std::int64_t> on_disk = {1, 2, 5};
  using Kind = VersionPolicy::Kind;
  using Versions = std::vector<std::int64_t>;
  EXPECT_EQ(served_versions({Kind::kLatest, 1, {}}, on_disk), Versions({5}));
  EXPECT_EQ(served_versions({Kind::kLatest, 2, {}}, on_disk), Versions({2, 5}));
  EXPECT_EQ(served_versions({Kind::kLatest, 9, {}}, on_disk), on_disk);
  EXPECT_EQ(served_versions({Kind::kAll, 1, {}}, on_disk), on_disk);
  EXPECT_EQ(served_versions({Kind::kSpecific, 1, {2, 4}}, on_disk), Versions({2}));
}

TEST(ModelFolder, FilesStayInsideTheirModel) {
  const TemporaryFolder root;
  add_model(root.path(), "m");
  const ModelFolder folder = list_models({root.path()})[0];
  ModelConfig config = read_model_config(folder);
  EXPECT_EQ(model_file(folder, config, 3), root / "m" / "3" / "model.pt");
  config.default_model_filename = "own.pt";
  EXPECT_EQ(model_file(folder, config, 3).filename(), "own.pt");
  config.default_model_filename = "../../secret";
  expect_error(ErrorCode::kInvalidArgument, "default_model_filename",
               [&] { model_file(folder, config, 3); });
  expect_error(ErrorCode::kNotFound, "no label file 'labels.txt'",
               [&] { read_labels(folder, config.outputs[0]); });
  write_file_atomically(root / "m" / "labels.txt", "cat\r\ndog\n");
  EXPECT_EQ(read_labels(folder, config.outputs[0]), std::vector<std::string>({"cat", "dog"}));
}

}  // namespace
}  // namespace scrim
