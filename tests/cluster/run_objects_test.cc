#include "cluster/run_objects.h"

#include "base/files.h"
#include "dataops/program_run.h"
#include "support/temporary_folder.h"

#include "base/base64.h"
#include "base/files.h"
#include "support/temporary_folder.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace scrim {
namespace {

const RunPlan kRunPlan{.name = "sweep", .volume = "faces", .cases = {}, .image = "local/scrim:1"};
const std::vector<RunCase> kCases = {{"first", {"printf", "%s|", "a b", "$(id)", "'"}},
                                     {"second", {"sh", "-c", "echo said >&2; printf x; exit 3"}},
                                     {"third", {"cat", "{data}/file", "{data}"}}};

TEST(RunObjects, AJobRunsTheCaseOfItsIndexAndNoWordGoesThroughAShell) {
  const ApiObject container =
      job_for(kRunPlan, kCases)["spec"]["template"]["spec"]["containers"][0];
  const auto command = container["command"].get<std::vector<std::string>>();
  const TemporaryFolder folder;
  const ProgramFiles files = {folder / "out", folder / "log"};
  const std::string expected[] = {"a b|$(id)|'|", "x"};
  for (const int index : {0, 1}) {
    ::setenv("JOB_COMPLETION_INDEX", std::to_string(index).c_str(), 1);
    EXPECT_EQ(run_program(command, files, {}, {}), index == 0 ? 0 : 3);
    EXPECT_EQ(read_file(files.output),
              "\nscrim-dataops: output\n" + expected[index] + "\nscrim-dataops: end\n");
  }
  ::unsetenv("JOB_COMPLETION_INDEX");
  EXPECT_EQ(command.back(), "/data");
  EXPECT_EQ(command[command.size() - 2], "/data/file");
}

TEST(RunObjects, AJobIsIndexedOneByOneAndTriesNothingTwice) {
  const ApiObject job = job_for(kRunPlan, kCases);
  EXPECT_EQ(text_at(job, "metadata.name"), "run-sweep");
  EXPECT_EQ(job["spec"]["completionMode"], "Indexed");
  EXPECT_EQ(job["spec"]["completions"], 3);
  EXPECT_EQ(job["spec"]["backoffLimitPerIndex"], 0);
  const ApiObject& pod = job["spec"]["template"]["spec"];
  EXPECT_EQ(pod["restartPolicy"], "Never");
  EXPECT_EQ(pod["shareProcessNamespace"], true) << "any program ends when told";
  EXPECT_EQ(pod["volumes"][0]["persistentVolumeClaim"]["claimName"], "sweep.run");
  EXPECT_EQ(pod["containers"][0]["volumeMounts"][0]["readOnly"], true);
}

TEST(RunObjects, ACaseIsFoundInAJobByNameCommandAndImage) {
  const ApiObject job = job_for(kRunPlan, kCases);
  EXPECT_EQ(index_in(job, kRunPlan, kCases[2]), 2U);
  EXPECT_EQ(index_in(job, kRunPlan, {"third", {"cat"}}), std::nullopt);
  EXPECT_EQ(index_in(ApiObject::object(), kRunPlan, kCases[0]), std::nullopt);
  RunPlan other = kRunPlan;
  other.image = "local/scrim:2";
  EXPECT_EQ(index_in(job, other, kCases[0]), std::nullopt);
}

TEST(RunObjects, ALogIsTakenApart) {
  RunLog log;
  EXPECT_TRUE(log.take("one"));
  EXPECT_FALSE(log.take(""));
  EXPECT_FALSE(log.take("scrim-dataops: output"));
  EXPECT_FALSE(log.take("{\"a\": 1}"));
  EXPECT_FALSE(log.take(""));
  EXPECT_FALSE(log.take("last"));
  EXPECT_FALSE(log.take("scrim-dataops: end"));
  EXPECT_FALSE(log.take("behind"));
  EXPECT_EQ(log.said(), "one\n");
  EXPECT_EQ(log.printed(), "{\"a\": 1}\n\nlast");
}

TEST(RunObjects, AnEndIsReadAsFarAsItIsSaid) {
  const auto object = [](const char* text) { return parse_sorted_json(text, "an object"); };
  EXPECT_FALSE(job_has_ended(object("{}")));
  EXPECT_FALSE(
      job_has_ended(object(R"({"status":{"conditions":[{"type":"Suspended","status":"True"}]}})")));
  for (const char* end : {"Complete", "Failed"}) {
    EXPECT_TRUE(
        job_has_ended({{"status", {{"conditions", {{{"type", end}, {"status", "True"}}}}}}}));
  }
  const ApiObject pod = object(
      R"({"status":{"containerStatuses":[{"state":{"terminated":{"exitCode":137,
          "startedAt":"2026-01-01T00:00:00Z","finishedAt":"2026-01-01T00:00:07Z"}}}]}})");
  EXPECT_EQ(exit_code_of(pod), 137);
  EXPECT_EQ(seconds_of(pod), 7);
  EXPECT_EQ(exit_code_of(object("{}")), 255);
  EXPECT_EQ(seconds_of(object("{}")), 0);
}

TEST(RunObjects, AKeyIsMountedFromASecretAndNowhereElse) {
  const TemporaryFolder folder;
  RunPlan plan = kRunPlan;
  plan.key = folder / "key";
  write_new_file(plan.key, "sesame");
  const std::vector<RunCase> cases = {{"one", {"cat", "{key}"}}};
  const ApiObject job = job_for(plan, cases);
  const ApiObject& pod = job["spec"]["template"]["spec"];
  const ApiObject& volume = pod["volumes"].back();
  EXPECT_EQ(volume["secret"]["secretName"], "run-" + plan.name);
  EXPECT_EQ(volume["secret"]["defaultMode"], 0400) << "others may not read it";
  EXPECT_NE(pod["containers"][0]["command"].dump().find("/etc/scrim-run/key"), std::string::npos);
  EXPECT_EQ(job.dump().find("sesame"), std::string::npos);
  EXPECT_EQ(from_base64(secret_for_run(plan)["data"]["key"].get<std::string>(), "it"), "sesame");
  EXPECT_EQ(job_for(kRunPlan, cases).dump().find("secret"), std::string::npos);
}

}  // namespace
}  // namespace scrim
