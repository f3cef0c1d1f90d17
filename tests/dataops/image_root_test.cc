// A root in an image. Where nothing may be mounted, only what is refused is tested.
#include <scrim/dataops.h>

#include "base/files.h"
#include "dataops/loop_file_system.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kImageSize = std::uint64_t{256} << 20;

struct ImageRootTest : testing::Test {
  void SetUp() override {
    if (!LoopFileSystem("btrfs").mounted()) GTEST_SKIP() << "nothing may be mounted here";
  }
  ~ImageRootTest() override {
    std::error_code ignored;
    if (fs::exists(folder / "root.btrfs", ignored)) delete_image_root(root);
  }

  TemporaryFolder folder;
  const fs::path root = folder / "root";
};

TEST_F(ImageRootTest, ClonesShareTheirBlocksThere) {
  EXPECT_TRUE(create_image_root(root, kImageSize));
  EXPECT_FALSE(create_image_root(root, kImageSize));
  const auto engine = open_local(root);
  const Volume volume = engine->create_volume("data", 1 << 20, {}).object;
  write_new_file(volume.path / "file", "content");
  const auto clone = engine->clone_volume("copy", {ObjectKind::kVolume, "data"}, {}, {});
  EXPECT_EQ(clone.how, "subvolume");
  EXPECT_EQ(read_file(clone.object.path / "file"), "content");
  EXPECT_LT(fs::file_size(folder / "root.btrfs"), kImageSize + 1);
  delete_image_root(root);
  EXPECT_TRUE(fs::is_empty(root));
  EXPECT_FALSE(fs::exists(folder / "root.btrfs"));
}

TEST_F(ImageRootTest, AfterARestartItIsMountedAgainWithItsVolumes) {
  create_image_root(root, kImageSize);
  open_local(root)->create_volume("data", 1 << 20, {});
  ASSERT_EQ(std::system(("umount " + root.string()).c_str()), 0);
  EXPECT_TRUE(create_image_root(root, kImageSize));
  EXPECT_EQ(open_local(root)->volumes().size(), 1U);
}

TEST_F(ImageRootTest, ARunThatWasKilledHasLeftNothingInTheWay) {
  write_new_file(folder / "root.btrfs.new", "half of an image");
  EXPECT_TRUE(create_image_root(root, kImageSize));
}

TEST_F(ImageRootTest, WhatWouldHideOrLoseFilesIsRefused) {
  open_local(root)->create_volume("data", 1 << 20, {});
  expect_error(ErrorCode::kInvalidArgument, "holds files, which an image would hide",
               [&] { create_image_root(root, kImageSize); });
  const fs::path other = folder / "other";
  create_image_root(other, kImageSize);
  expect_error(ErrorCode::kInvalidArgument, "already, of 256Mi",
               [&] { create_image_root(other, 2 * kImageSize); });
  {
    const fs::path before = fs::current_path();
    fs::current_path(other);  // uses it
    expect_error(ErrorCode::kUnavailable, "cannot unmount", [&] { delete_image_root(other); });
    fs::current_path(before);
  }
  delete_image_root(other);
  expect_error(ErrorCode::kNotFound, "there is no image", [&] { delete_image_root(other); });
}

TEST(ImageRoot, ItNeedsRightsAndASize) {
  const TemporaryFolder folder;
  if (::geteuid() != 0) {
    expect_error(ErrorCode::kRefused, "with the rights of root",
                 [&] { create_image_root(folder / "root", kImageSize); });
    return;
  }
  expect_error(ErrorCode::kInvalidArgument, "an image of 1Mi is too small, at least 128Mi",
               [&] { create_image_root(folder / "root", 1 << 20); });
}

}  // namespace
}  // namespace scrim
