#include "dataops/local_transfers.h"

#include "dataops/small_transfer.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

namespace fs = std::filesystem;

// The real rclone is the tool's own test.
struct LocalTransfersTest : testing::Test {
  LocalTransfersTest() { open()->create_volume("data", 1 << 20, {}); }

  std::unique_ptr<DataOps> open(LocalOptions options = {}) const {
    return open_local(root, std::move(options));
  }
  fs::path record() const { return root / "default/transfers/pull"; }

  TemporaryFolder folder;
  const fs::path root = folder / "root";
  TransferPlan plan = small_transfer();
};

TEST_F(LocalTransfersTest, ItIsKeptRunAgainAndForgotten) {
  const FakeProgram rclone("rclone", kCopyingRclone);
  const Transfer made = open()->create_transfer(plan).object;
  EXPECT_EQ(made.state, TransferState::kDone);
  EXPECT_EQ(made.files, 1U);
  EXPECT_EQ(made.from, "s3://files/some");
  EXPECT_EQ(read_file(root / "default/volumes/data/data/in/sub/file"), "new\n");
  EXPECT_EQ(fs::status(record()).permissions(), fs::perms::owner_all);
  EXPECT_EQ(fs::status(record() / "keys.json").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(open()->run_transfer("pull").object.created, made.created);
  TransferPlan other = plan;
  other.prefix = "other";
  expect_error(ErrorCode::kInvalidArgument, "there is a transfer 'pull' already, from s3://files/",
               [&] { open()->create_transfer(other); });
  plan.store.secret_key = "changed";
  open()->create_transfer(plan);
  EXPECT_NE(read_file(record() / "keys.json").find("changed"), std::string::npos);
  open()->delete_transfer("pull");
  EXPECT_TRUE(open()->transfers().empty());
}

TEST_F(LocalTransfersTest, WhatCannotEndWellIsNotKept) {
  const auto ends_with = [&](int code, ErrorCode error, std::size_t left) {
    const FakeProgram rclone("rclone", "exit " + std::to_string(code));
    expect_error(error, "", [&] { open()->create_transfer(plan); });
    ASSERT_EQ(open()->transfers().size(), left);
    for (const Transfer& one : open()->transfers()) EXPECT_EQ(one.state, TransferState::kFailed);
  };
  ends_with(9, ErrorCode::kNotFound, 0);
  ends_with(5, ErrorCode::kUnavailable, 1);
}

TEST_F(LocalTransfersTest, WhatCannotBeIsNamed) {
  plan.volume = "none";
  expect_error(ErrorCode::kNotFound, "there is no volume 'none'",
               [&] { open()->create_transfer(plan); });
  plan.volume = "data";
  plan.store = {.secret = "s3-keys"};
  expect_error(ErrorCode::kInvalidArgument, "secret 's3-keys' is of a cluster",
               [&] { open()->create_transfer(plan); });
  expect_error(ErrorCode::kNotFound, "there is no transfer 'none'",
               [&] { open()->delete_transfer("none"); });
  expect_error(ErrorCode::kNotFound, "there is no transfer 'none'",
               [&] { open()->run_transfer("none"); });
}

TEST_F(LocalTransfersTest, ADamagedRecordIsSaidSo) {
  const FakeProgram rclone("rclone", kCopyingRclone);
  open()->create_transfer(plan);
  write_file_atomically(record() / "keys.json", "{}");
  expect_error(ErrorCode::kCorrupt, "the keys of transfer 'pull' are damaged",
               [&] { open()->run_transfer("pull"); });
  write_file_atomically(record() / "record.json", "{}");
  expect_error(ErrorCode::kCorrupt, "the record of transfer 'pull' is damaged",
               [&] { open()->transfer("pull"); });
}

TEST_F(LocalTransfersTest, ADryRunKeepsNothing) {
  const FakeProgram rclone("rclone", "exit 9");
  EXPECT_EQ(open({.dry_run = true})->create_transfer(plan).object.to, "data/in");
  EXPECT_TRUE(open()->transfers().empty());
}

TEST_F(LocalTransfersTest, AVolumeOfATransferWithAScheduleStays) {
  const FakeProgram rclone("rclone", kCopyingRclone), systemctl("systemctl", "exit 0");
  ::setenv("XDG_CONFIG_HOME", folder.path().c_str(), 1);
  plan.every = "1h";
  EXPECT_EQ(open()->create_transfer(plan).object.state, TransferState::kScheduled);
  expect_error(ErrorCode::kRefused, "the volume of transfer 'pull', which has a schedule",
               [&] { open()->delete_volume("data", Dependents::kRefuse); });
  open()->delete_transfer("pull");
  open()->delete_volume("data", Dependents::kRefuse);
  ::unsetenv("XDG_CONFIG_HOME");
}

}  // namespace
}  // namespace scrim
