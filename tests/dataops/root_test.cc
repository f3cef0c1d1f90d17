#include "dataops/root.h"

#include "base/files.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

TEST(Root, IsMadeOnceAndKnowsItself) {
  const TemporaryFolder folder;
  const fs::path root = folder / "deep/root";
  prepare_root(root);
  prepare_root(root);
  EXPECT_EQ(local_namespaces(root), std::vector<std::string>({"default"}));
  EXPECT_TRUE(fs::is_directory(folders_of(root, "default").volumes));
}

TEST(Root, AFolderOfOtherThingsStaysAsItIs) {
  const TemporaryFolder folder;
  write_new_file(folder / "thesis.txt", "text");
  expect_error(ErrorCode::kInvalidArgument, "holds other files",
               [&] { prepare_root(folder.path()); });
  EXPECT_FALSE(fs::exists(folder / "default"));
  expect_error(ErrorCode::kInvalidArgument, "is a file, not a folder",
               [&] { prepare_root(folder / "thesis.txt"); });
}

TEST(Root, AMarkOfAnotherProgramOrVersionIsRefused) {
  const TemporaryFolder folder;
  write_new_file(folder / "scrim-dataops.json", R"({"format":"scrim-dataops","format_version":2})");
  expect_error(ErrorCode::kUnsupported, "newer version", [&] { prepare_root(folder.path()); });
  write_file_atomically(folder / "scrim-dataops.json", "[]");
  expect_error(ErrorCode::kCorrupt, "is not of this program", [&] { prepare_root(folder.path()); });
}

TEST(Root, NamespacesComeAndGo) {
  const TemporaryFolder folder;
  EXPECT_TRUE(create_local_namespace(folder / "root", "inference"));
  EXPECT_FALSE(create_local_namespace(folder / "root", "inference"));
  expect_error(ErrorCode::kNotFound, "there is no namespace 'production', only default, inference",
               [&] { folders_of(folder / "root", "production"); });
  open_local(folder / "root", {.space = "inference"})->create_volume("v", 1, {});
  expect_error(ErrorCode::kRefused, "holds volumes, snapshots, servers, workspaces or transfers",
               [&] { delete_local_namespace(folder / "root", "inference"); });
  open_local(folder / "root", {.space = "inference"})->delete_volume("v", Dependents::kRefuse);
  delete_local_namespace(folder / "root", "inference");
  EXPECT_EQ(local_namespaces(folder / "root").size(), 1U);
  expect_error(ErrorCode::kRefused, "always there",
               [&] { delete_local_namespace(folder / "root", "default"); });
}

}  // namespace
}  // namespace scrim
