#include "cluster/transfer_objects.h"

#include "cluster/deployments.h"
#include "dataops/small_transfer.h"
#include "support/expect_error.h"

#include <gtest/gtest.h>

namespace scrim {
namespace {

ApiObject pod_spec(const ApiObject& job) { return job["spec"]["template"]["spec"]; }

TEST(TransferObjects, AJobLooksCopiesAndVerifies) {
  const ApiObject job = transfer_job(small_transfer());
  EXPECT_EQ(text_at(job, "metadata.name"), "transfer-pull");
  EXPECT_EQ(job["metadata"]["labels"][kTransferLabel], "pull");
  EXPECT_EQ(job["spec"]["backoffLimit"], 0);
  EXPECT_FALSE(job["spec"].contains("ttlSecondsAfterFinished"));
  const ApiObject pod = pod_spec(job);
  EXPECT_EQ(pod["initContainers"][0]["name"], "look");
  EXPECT_EQ(pod["initContainers"][1]["name"], "copy");
  EXPECT_EQ(pod["containers"][0]["name"], "verify");
  EXPECT_EQ(pod["containers"][0]["image"], "rclone/rclone:1.71");
  EXPECT_EQ(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], "data");
  EXPECT_EQ(pod["initContainers"][1]["command"][3], "/data/in") << "rclone's own partial files";
  EXPECT_EQ(pod["initContainers"][1]["volumeMounts"][0]["readOnly"], false);
  EXPECT_EQ(pod["containers"][0]["volumeMounts"][0]["readOnly"], true);
}

TEST(TransferObjects, AnUploadNeverWritesToTheVolume) {
  TransferPlan plan = small_transfer();
  plan.direction = TransferDirection::kUpload;
  plan.verify = false;
  plan.resources = {{"cpu", "1"}};
  const ApiObject pod = pod_spec(transfer_job(plan));
  EXPECT_EQ(pod["initContainers"].size(), 1U);
  const ApiObject& copy = pod["containers"][0];
  EXPECT_EQ(copy["name"], "copy");
  EXPECT_EQ(copy["volumeMounts"][0]["readOnly"], true);
  EXPECT_EQ(copy["resources"]["limits"]["cpu"], "1");
}

TEST(TransferObjects, KeysAreInASecretAlone) {
  TransferPlan plan = small_transfer();
  for (const ApiObject& object : {transfer_job(plan), comparing_job(plan)}) {
    EXPECT_EQ(object.dump().find(plan.store.secret_key), std::string::npos);
    EXPECT_NE(object.dump().find(R"("secretKeyRef":{"key":"secret_key","name":"transfer-pull"})"),
              std::string::npos);
  }
  EXPECT_EQ((*transfer_secret(plan))["stringData"]["secret_key"], plan.store.secret_key);
  plan.store = {.secret = "s3-keys"};
  EXPECT_FALSE(transfer_secret(plan));
  EXPECT_NE(transfer_job(plan).dump().find(R"("name":"s3-keys")"), std::string::npos);
  plan.store.ca = "-----BEGIN CERTIFICATE-----";
  EXPECT_EQ((*transfer_secret(plan))["stringData"].size(), 1U);
  const ApiObject pod = pod_spec(transfer_job(plan));
  EXPECT_EQ(pod["volumes"][1]["secret"]["secretName"], "transfer-pull");
  EXPECT_NE(pod.dump().find("--ca-cert=/ca/ca.crt"), std::string::npos);
}

TEST(TransferObjects, AScheduleNeverRunsTwiceAtATime) {
  TransferPlan plan = small_transfer();
  plan.every = "6h";
  const ApiObject cron_job = transfer_cron_job(plan);
  EXPECT_EQ(cron_job["spec"]["schedule"], "0 */6 * * *");
  EXPECT_EQ(cron_job["spec"]["concurrencyPolicy"], "Forbid");
  const ApiObject& job = cron_job["spec"]["jobTemplate"];
  EXPECT_FALSE(job["metadata"]["labels"].contains(kTransferLabel)) << "it would be listed twice";
  const Transfer scheduled = transfer_of_cron_job(cron_job);
  EXPECT_EQ(scheduled.state, TransferState::kScheduled);
  EXPECT_EQ(scheduled.every, "6h");
}

TEST(TransferObjects, AJobTellsHowItEnded) {
  ApiObject job = transfer_job(small_transfer());
  EXPECT_EQ(transfer_of_job(job).state, TransferState::kRunning);
  EXPECT_EQ(transfer_of_job(job).from, "s3://files/some");
  job["metadata"]["annotations"][kResultNote] = R"({"bytes":7,"files":2})";
  job["status"]["completionTime"] = "2026-01-01T00:00:00Z";
  job["status"]["conditions"] = {{{"type", "Complete"}, {"status", "True"}}};
  EXPECT_EQ(transfer_of_job(job).state, TransferState::kDone);
  EXPECT_EQ(transfer_of_job(job).bytes, 7U);
  EXPECT_EQ(transfer_of_job(job).ended, "2026-01-01T00:00:00Z");
  job["status"]["conditions"] = {
      {{"type", "Failed"}, {"status", "True"}, {"lastTransitionTime", "2026-01-02T00:00:00Z"}}};
  EXPECT_EQ(transfer_of_job(job).state, TransferState::kFailed);
  EXPECT_EQ(transfer_of_job(job).ended, "2026-01-02T00:00:00Z");
  job["metadata"]["annotations"][kPlanNote] = "{}";
  expect_error(ErrorCode::kCorrupt, "the plan of transfer 'pull' is damaged",
               [&] { transfer_of_job(job); });
}

TEST(TransferObjects, TheToolkitsJobsAreReadAsFarAsTheyTell) {
  ApiObject job = {{"metadata", {{"name", "s3mover-put-object-x1"}}}};
  EXPECT_TRUE(is_toolkit_transfer(job));
  EXPECT_EQ(transfer_of_toolkit_job(job).to, "s3://");
  job["spec"]["template"]["spec"] = {
      {"containers",
       {{{"command", {"/bin/bash", "-c", "mc cp /mnt/data/m.bin DATAOPS/files/up/m.bin"}}}}},
      {"volumes", {{{"persistentVolumeClaim", {{"claimName", "data"}}}}}}};
  const Transfer transfer = transfer_of_toolkit_job(job);
  EXPECT_EQ(transfer.from, "data");
  EXPECT_EQ(transfer.to, "s3://files/up/m.bin");
  EXPECT_FALSE(is_toolkit_transfer(transfer_job(small_transfer())));
}

}  // namespace
}  // namespace scrim
