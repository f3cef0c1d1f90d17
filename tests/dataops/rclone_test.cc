#include "dataops/rclone.h"

#include "base/text.h"
#include "dataops/small_transfer.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace scrim {
namespace {

const RclonePlaces kPlaces{.files = "/v/data/in", .stage = "/v/data/in/.scrim-transfer/pull"};

std::string line_of(const TransferPlan& plan, TransferStep step, const RclonePlaces& places) {
  return joined(rclone_command(plan, step, places), " ");
}

TEST(Rclone, ADownloadGoesThroughAStageWhereThereIsOne) {
  TransferPlan plan = small_transfer();
  EXPECT_TRUE(line_of(plan, TransferStep::kCopy, kPlaces)
                  .starts_with("rclone sync s3:files/some /v/data/in/.scrim-transfer/pull "
                               "--compare-dest=/v/data/in --s3-no-check-bucket"));
  EXPECT_TRUE(line_of(plan, TransferStep::kCopy, {.files = "/data/in"})
                  .starts_with("rclone copy s3:files/some /data/in --s3-no-check-bucket"));
  plan.sync = true;
  EXPECT_TRUE(line_of(plan, TransferStep::kCopy, {.files = "/data/in"})
                  .starts_with("rclone sync s3:files/some /data/in "));
  EXPECT_TRUE(line_of(plan, TransferStep::kPrune, kPlaces)
                  .starts_with("rclone sync s3:files/some /v/data/in --ignore-existing "
                               "--max-transfer=1b --exclude=.scrim-transfer/**"));
}

TEST(Rclone, AnUploadLeavesOutWhatIsNotWhole) {
  TransferPlan plan = small_transfer();
  plan.direction = TransferDirection::kUpload;
  for (const TransferStep step : {TransferStep::kCopy, TransferStep::kVerify}) {
    const std::string line = line_of(plan, step, {.files = "/v/data/in"});
    EXPECT_NE(line.find("/v/data/in s3:files/some"), std::string::npos) << line;
    EXPECT_NE(line.find("--exclude=.scrim-transfer/** "), std::string::npos) << line;
  }
  EXPECT_TRUE(line_of(plan, TransferStep::kLook, kPlaces).starts_with("rclone lsjson --stat s3:"));
}

TEST(Rclone, OneObjectMayHaveAnotherNameThanItsFileAndTakesNoFilters) {
  TransferPlan plan = small_transfer();
  plan.object = true;
  for (const auto direction : {TransferDirection::kDownload, TransferDirection::kUpload}) {
    plan.direction = direction;
    for (const TransferStep step : {TransferStep::kCopy, TransferStep::kVerify}) {
      const std::string line = line_of(plan, step, kPlaces);
      EXPECT_TRUE(line.starts_with("rclone copyto ")) << line;
      EXPECT_EQ(line.find("--exclude"), std::string::npos) << line;
    }
  }
}

TEST(Rclone, KeysAndCertificatesAreNoWords) {
  TransferPlan plan = small_transfer();
  plan.store.ca = "pem";
  for (const TransferStep step :
       {TransferStep::kLook, TransferStep::kCompare, TransferStep::kCopy, TransferStep::kPrune,
        TransferStep::kVerify, TransferStep::kVerifyBytes}) {
    const std::string line = line_of(plan, step, {.files = "/f", .ca = "/ca.pem", .list = "/l"});
    EXPECT_EQ(line.find(plan.store.secret_key), std::string::npos);
    EXPECT_TRUE(line.ends_with("--ca-cert=/ca.pem")) << line;
    EXPECT_NE(line.find("--use-json-log --stats=1s --stats-log-level=NOTICE --retries="),
              std::string::npos);
  }
  for (const auto& [name, value] : rclone_environment(plan.store)) {
    EXPECT_NE(value, plan.store.secret_key) << name;
  }
}

TEST(Rclone, TheEnvironmentIsOfTheStoreAlone) {
  Environment own = rclone_environment(small_transfer().store);
  EXPECT_EQ(own["RCLONE_CONFIG"], "/dev/null");
  EXPECT_EQ(own["RCLONE_CONFIG_S3_PROVIDER"], "Other");
  EXPECT_EQ(own["RCLONE_CONFIG_S3_FORCE_PATH_STYLE"], "true");
  EXPECT_EQ(own["AWS_CA_BUNDLE"], "");
  EXPECT_LE(own["RCLONE_PARTIAL_SUFFIX"].size(), 16U) << "rclone's limit";
  Environment amazon = rclone_environment({.region = "eu-central-1"});
  EXPECT_EQ(amazon["RCLONE_CONFIG_S3_PROVIDER"], "AWS");
  EXPECT_EQ(amazon["RCLONE_CONFIG_S3_REGION"], "eu-central-1");
}

}  // namespace
}  // namespace scrim
