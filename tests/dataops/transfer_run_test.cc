#include "dataops/transfer_run.h"

#include "dataops/rclone.h"
#include "dataops/small_transfer.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

// The real rclone is the tool's own test.
struct TransferRunTest : testing::Test {
  TransferRunTest() {
    for (const fs::path& one : {folders.data, folders.record, folders.scratch}) {
      fs::create_directories(one);
    }
  }
  TransferFigures run() { return run_transfer_steps(plan, folders, options); }
  std::string log() const { return read_file(folders.record / "log"); }

  TemporaryFolder folder;
  TransferFolders folders{folder / "data", folder / "record", folder / "scratch"};
  TransferPlan plan = small_transfer();
  LocalOptions options;
};

TEST_F(TransferRunTest, WhatIsDownloadedComesThroughTheStage) {
  const FakeProgram rclone("rclone", kCopyingRclone);
  fs::create_directories(folders.data / "in");
  write_new_file(folders.data / "in/own", "own");
  std::int64_t copied = 0;
  options.progress = [&](const Progress& progress) { copied = progress.done; };
  EXPECT_EQ(run().files, 1U);
  EXPECT_EQ(copied, 4);
  EXPECT_EQ(read_file(folders.data / "in/sub/file"), "new\n");
  EXPECT_TRUE(fs::exists(folders.data / "in/own"));
  EXPECT_FALSE(fs::exists(folders.data / "in" / kStageFolder));
  EXPECT_NE(log().find("check s3:files/some"), std::string::npos);
}

TEST_F(TransferRunTest, AStepThatFailsLeavesTheFilesWhereTheyAre) {
  const FakeProgram rclone("rclone",
                           "[ $1 = sync ] || exit 0\necho half > \"$3/half\"\n"
                           "echo '{\"level\":\"error\",\"msg\":\"unexpected EOF\"}' >&2\nexit 1");
  expect_error(ErrorCode::kUnavailable, "not to the end: unexpected EOF", [&] { run(); });
  EXPECT_FALSE(fs::exists(folders.data / "in/half"));
  EXPECT_TRUE(fs::exists(folders.data / "in" / kStageFolder / "pull/half")) << "for the next run";
  remove_stage(plan, folders.data);
  EXPECT_FALSE(fs::exists(folders.data / "in" / kStageFolder));
}

TEST_F(TransferRunTest, TheSourceOfAnUploadIsCheckedBeforeAnythingIsSent) {
  const FakeProgram rclone("rclone", kCopyingRclone);
  plan.direction = TransferDirection::kUpload;
  expect_error(ErrorCode::kNotFound, "volume 'data' has no folder 'in'", [&] { run(); });
  plan.object = true;
  fs::create_directories(folders.data / "in");
  expect_error(ErrorCode::kNotFound, "volume 'data' has no file 'in'", [&] { run(); });
  EXPECT_FALSE(fs::exists(folders.record / "log"));
}

TEST_F(TransferRunTest, NoLinkLeadsOutOfTheVolume) {
  const FakeProgram rclone("rclone", kCopyingRclone);
  fs::create_directory_symlink(folder.path(), folders.data / "in");
  expect_error(ErrorCode::kInvalidArgument, "folder 'in' of volume 'data' leads out of it",
               [&] { run(); });
  fs::remove(folders.data / "in");
  fs::create_directory(folders.data / "in");
  fs::create_directory_symlink(folder.path(), folders.data / "in/sub");
  expect_error(ErrorCode::kInvalidArgument, "folder 'in/sub' of volume 'data' leads out of it",
               [&] { run(); });
  EXPECT_FALSE(fs::exists(folder / "file"));
}

TEST_F(TransferRunTest, FilesWithoutAHashAreComparedWhole) {
  const FakeProgram rclone(
      "rclone",
      "echo \"{\\\"msg\\\":\\\"$*\\\"}\" >&2\n"
      "[ $1 = lsf ] && printf '0123;known\\n;without; hash\\n'\n"
      "[ $1 = check ] && echo '{\"msg\":\"1 hashes could not be checked\"}' >&2\nexit 0");
  fs::create_directories(folders.data / "in");
  plan.direction = TransferDirection::kUpload;
  run();
  EXPECT_EQ(read_file(folders.scratch / "list"), "without; hash\n");
  EXPECT_NE(log().find("--download --files-from-raw="), std::string::npos) << log();
}

TEST_F(TransferRunTest, KeysAreInTheEnvironmentAlone) {
  const FakeProgram rclone("rclone",
                           "[ \"$RCLONE_CONFIG_S3_SECRET_ACCESS_KEY\" = 'se/cr+et' ] || exit 7\n"
                           "[[ \"$*\" == *se/cr* ]] && exit 7\nexit 0");
  EXPECT_NO_THROW(run());
}

}  // namespace
}  // namespace scrim
