// The lines are those of rclone 1.60 against the S3 server of the tests.
#include "dataops/rclone_log.h"

#include "dataops/small_transfer.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

std::string error_line(const std::string& message, const std::string& object = "a") {
  return R"({"level":"error","msg":")" + message + R"(","object":")" + object + "\"}";
}

// Expects that a step that said `message` and ended with `exit_code` is that error.
void expect_end(ErrorCode code, const std::string& part, const std::string& message, int exit_code,
                TransferStep step = TransferStep::kCopy,
                const TransferPlan& plan = small_transfer()) {
  RcloneLog log;
  log.take(error_line(message));
  expect_error(code, part, [&] { log.check_end(plan, step, exit_code); });
}

TEST(RcloneLog, ItTellsHowFarItIs) {
  RcloneLog log;
  EXPECT_FALSE(log.take(""));
  EXPECT_FALSE(log.take("no JSON"));
  EXPECT_FALSE(log.take(R"({"level":"info","msg":"x"})"));
  EXPECT_TRUE(log.take(R"({"level":"warning","msg":"x","stats":{"bytes":10,"totalBytes":40,
                           "transfers":1,"totalTransfers":3}})"));
  EXPECT_EQ(log.progress().done, 10);
  EXPECT_EQ(log.progress().total, 40);
  EXPECT_EQ(log.progress().note, "1 of 3 files");
  EXPECT_TRUE(log.take(R"({"stats":{"bytes":-1,"transfers":"x"}})")) << "a stranger's figures";
  EXPECT_EQ(log.bytes(), 0U);
  EXPECT_NO_THROW(log.check_end(small_transfer(), TransferStep::kCopy, 0));
}

TEST(RcloneLog, FaultsAreOneSentence) {
  expect_end(ErrorCode::kRefused,
             "http://127.0.0.1:1 refuses s3://files/some to these keys: Invalid",
             R"(InvalidAccessKeyId: x\n\tstatus code: 403)", 1);
  expect_end(ErrorCode::kRefused, "to these keys: StatusCode: 403",
             "operation error S3: ListObjectsV2, https response error StatusCode: 403", 1);
  expect_end(ErrorCode::kNotFound, "there is no bucket 'files' at http://127.0.0.1:1",
             "NoSuchBucket: The specified bucket does not exist", 1);
  expect_end(ErrorCode::kNotFound, "there is no bucket 'files'", "directory not found", 3,
             TransferStep::kLook);
  expect_end(ErrorCode::kNotFound, "there is nothing at s3://files/some", "", 9);
  expect_end(ErrorCode::kUnavailable, "s3://files/some has changed meanwhile", "max transfer", 8);
  expect_end(ErrorCode::kUnavailable, "cannot be reached, or not to the end: connection refused",
             "dial tcp 127.0.0.1:1: connect: connection refused", 1);
  expect_end(ErrorCode::kUnavailable, "the disk is full below volume 'data'",
             "preallocate: file too big for remaining disk space", 1);
  expect_end(ErrorCode::kRefused, "a certificate that is not trusted",
             "x509: certificate signed by unknown authority", 1);
  expect_end(ErrorCode::kUnavailable, "ended with 1: something new", R"(something new\nmore)", 1);
  RcloneLog nothing;
  expect_error(ErrorCode::kUnavailable, "was ended by signal 9",
               [&] { nothing.check_end(small_transfer(), TransferStep::kCopy, 137); });
}

TEST(RcloneLog, TheSourceOfAnUploadIsNamedAsThat) {
  TransferPlan plan = small_transfer();
  plan.direction = TransferDirection::kUpload;
  expect_end(ErrorCode::kNotFound, "volume 'data' has no folder 'in'", "directory not found", 3,
             TransferStep::kCopy, plan);
}

TEST(RcloneLog, DifferencesAreCountedAndTheFirstIsNamed) {
  RcloneLog log;
  log.take(error_line("md5 differ", "sub/c"));
  log.take(error_line("file not in Local file system at /x", "d"));
  log.take("2026/12/01 18:36:31 Failed to check: 2 differences found");
  expect_error(ErrorCode::kCorrupt,
               "2 files of transfer 'pull' differ at data/in; the first is 'sub/c'",
               [&] { log.check_end(small_transfer(), TransferStep::kVerify, 1); });
}

TEST(RcloneLog, AnObjectThatWouldBeCopiedAgainDiffers) {
  RcloneLog log;
  log.take(R"({"level":"warning","msg":"Skipped copy as --dry-run is set","object":"key",
               "skipped":"copy"})");
  EXPECT_NO_THROW(log.check_end(small_transfer(), TransferStep::kCopy, 0));
  expect_error(ErrorCode::kCorrupt, "1 file of transfer 'pull' differs",
               [&] { log.check_end(small_transfer(), TransferStep::kVerify, 0); });
}

TEST(RcloneLog, WhatHasNoHashIsCounted) {
  RcloneLog log;
  log.take(R"({"level":"warning","msg":"12 hashes could not be checked"})");
  EXPECT_EQ(log.without_hash(), 12U);
}

}  // namespace
}  // namespace scrim
