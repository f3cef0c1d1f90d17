#include "dataops/transfer_plan.h"

#include "dataops/small_transfer.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

using std::chrono::minutes;

TEST(TransferPlan, WhatIsNoneIsNamed) {
  const auto refused = [](const char* why, const auto& change) {
    TransferPlan plan = small_transfer();
    change(plan);
    expect_error(ErrorCode::kInvalidArgument, why, [&] { checked_transfer(plan); });
  };
  for (const char* bucket : {"", "ab", "data;id>x", "-data", "Data", "s3:x", "../data"}) {
    refused("is none: 3 to 63 lower case letters", [&](TransferPlan& one) { one.bucket = bucket; });
  }
  for (const char* folder : {"../x", "a/../b", "/a", "a//b", ".scrim-transfer/x", "a/\nb"}) {
    refused("which is no name", [&](TransferPlan& one) { one.folder = folder; });
  }
  refused("has 2000 characters, at most 1024",
          [](TransferPlan& one) { one.prefix = std::string(2000, 'x'); });
  for (const char* url : {"ftp://x", "x:9000", "http://me:secret@x", "http://x?y"}) {
    refused("is no http or https URL", [&](TransferPlan& one) { one.store.endpoint = url; });
  }
  refused("keys exclude each other", [](TransferPlan& one) { one.store.secret = "s3-keys"; });
  refused("an access key and a secret key", [](TransferPlan& one) { one.store.access_key = ""; });
  refused("control character", [](TransferPlan& one) { one.store.secret_key = "a\nb"; });
  refused("PEM is wanted", [](TransferPlan& one) { one.store.ca = "x"; });
  refused("at most 65536", [](TransferPlan& one) { one.store.ca = std::string(70'000, 'x'); });
  refused("exclude each other", [](TransferPlan& one) { one.object = one.sync = true; });
  refused("as in 30m, 1h or 1d", [](TransferPlan& one) { one.every = "1w"; });
}

TEST(TransferPlan, OneObjectKeepsItsNameUnlessItGetsAnother) {
  TransferPlan plan = small_transfer();
  plan.object = true;
  plan.prefix = "some/key.bin";
  const auto file = [&](const char* folder) {
    plan.folder = folder;
    return checked_transfer(plan).folder;
  };
  EXPECT_EQ(file(""), "key.bin");
  EXPECT_EQ(file("in/"), "in/key.bin");
  EXPECT_EQ(file("in/m.bin"), "in/m.bin");
  plan.direction = TransferDirection::kUpload;
  plan.prefix = "up/";
  EXPECT_EQ(checked_transfer(plan).prefix, "up/m.bin");
  plan.folder = "in/";
  expect_error(ErrorCode::kInvalidArgument, "needs its file", [&] { checked_transfer(plan); });
}

TEST(TransferPlan, ItIsTheSameFromItsJson) {
  TransferPlan plan = small_transfer();
  plan.sync = true;
  plan.every = "1h";
  plan.resources = {{"cpu", "1"}};
  const SortedJson json = plan_json(plan);
  EXPECT_EQ(json.dump().find(plan.store.secret_key), std::string::npos);
  TransferPlan read = transfer_plan_from(json);
  read.name = plan.name;
  EXPECT_EQ(plan_json(read), json);
  EXPECT_NO_THROW(check_same_transfer(read, plan));
  read.sync = false;
  expect_error(ErrorCode::kInvalidArgument,
               "there is a transfer 'pull' already, from s3://files/some to data/in every 1h, "
               "without sync",
               [&] { check_same_transfer(read, plan); });
  EXPECT_THROW(transfer_plan_from(SortedJson::object()), SortedJson::exception);
}

TEST(TransferPlan, SchedulesAsACronJobHasThem) {
  EXPECT_EQ(interval_of("90m"), minutes(90));
  EXPECT_EQ(interval_of("2d"), minutes(2 * 24 * 60));
  EXPECT_EQ(cron_of("1m"), "*/1 * * * *");
  EXPECT_EQ(cron_of("30m"), "*/30 * * * *");
  EXPECT_EQ(cron_of("60m"), "0 */1 * * *");
  EXPECT_EQ(cron_of("6h"), "0 */6 * * *");
  EXPECT_EQ(cron_of("24h"), "0 0 * * *");
  for (const char* uneven : {"7m", "5h", "90m", "2d"}) {
    expect_error(ErrorCode::kInvalidArgument, "none that a CronJob can keep",
                 [&] { cron_of(uneven); });
  }
  for (const char* none : {"", "h", "0m", "-1h", "1", "1.5h", "32d", "99999999999999999999m"}) {
    expect_error(ErrorCode::kInvalidArgument, "as in 30m, 1h or 1d", [&] { interval_of(none); });
  }
}

TEST(TransferPlan, StatesHaveNames) {
  EXPECT_EQ(name(TransferState::kRunning), "running");
  EXPECT_EQ(name(TransferState::kScheduled), "scheduled");
}

}  // namespace
}  // namespace scrim
