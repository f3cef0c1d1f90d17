#include "cluster/runs.h"

#include "base/check.h"
#include "base/files.h"
#include "cluster/claims.h"
#include "cluster/objects.h"
#include "cluster/pods.h"
#include "cluster/run_objects.h"
#include "cluster/snapshots.h"
#include "dataops/local_runs.h"
#include "dataops/names.h"

#include <algorithm>
#include <cstdlib>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostOfRunName = 48;  // a pod's name has the index and more behind it

void check_run(const RunPlan& plan) {
  check_namespace(plan.name);
  check(plan.name.size() <= kMostOfRunName, "run name '", plan.name, "' has ", plan.name.size(),
        " characters, at most ", kMostOfRunName, " are allowed");
  check(!plan.cases.empty(), "run '", plan.name, "' has no case");
  check(!plan.image.empty(), "run '", plan.name, "' needs an image that holds its program");
  for (const RunCase& one : plan.cases) {
    check_name("case", one.name);
    check(!one.command.empty(), "case '", one.name, "' has no command");
  }
}

}  // namespace

std::vector<RunResult> ClusterRuns::run(const RunPlan& plan) const {
  check_run(plan);
  const RunRecords records(folder_of(plan.name));
  std::vector<RunResult> results = records.earlier(plan.cases);
  std::vector<RunCase> left;
  bool again = false;  // of a case whose end we have seen
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].exit_code == 0) continue;
    left.push_back(plan.cases[i]);
    again |= results[i].exit_code != RunRecords::kNotRun;
  }
  check_key(plan);
  claim_of(work_, plan.volume);
  if (left.empty() || work_.options.dry_run) return results;
  make_files(plan);
  if (!plan.key.empty()) {
    work_.step("make the secret");
    work_.api.apply(kSecrets, secret_for_run(plan));
  }
  const ApiObject job = job_of(plan, left, again);
  if (!work_.options.wait) return results;
  fs::create_directories(folder_of(plan.name));
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].exit_code == 0) continue;
    const auto index = index_in(job, plan, plan.cases[i]);
    check(index.has_value(), "run '", plan.name, "' has lost case '", plan.cases[i].name, "'");
    follow(plan, plan.cases[i], *index, results[i]);
    records.write(plan.cases[i], results[i]);
  }
  // The cluster counts up what has ended in its own time.
  ClusterWork(work_.api, work_.options)
      .wait_for(kJobs, run_object_name(plan.name), "the end of run '" + plan.name + "'",
                &job_has_ended);
  if (!plan.key.empty()) work_.api.remove(kSecrets, run_object_name(plan.name));
  return results;
}

std::vector<std::string> ClusterRuns::names() const {
  std::vector<std::string> names;
  for (const ApiObject& job : work_.listed(kJobs)) {
    const std::string name = label_of(job, kRunLabel);
    if (!name.empty()) names.push_back(name);
  }
  return names;
}

void ClusterRuns::remove(const std::string& name) const {
  check_namespace(name);
  const auto job = work_.api.find(kJobs, run_object_name(name));
  const bool has_records = fs::exists(folder_of(name));
  if (!job && !has_records) fail(ErrorCode::kNotFound, "there is no run '", name, "'");
  if (work_.options.dry_run) return;
  if (job) {
    work_.step("delete the job");
    work_.api.remove(kJobs, name_of(*job), uid_of(*job), Removal::kForeground);
    work_.wait_gone(kJobs, *job, "the deletion of run '" + name + "'");
  }
  work_.step("delete the files");
  work_.api.remove(kSecrets, run_object_name(name));
  work_.api.remove(kVolumeClaims, run_files_name(name));
  work_.api.remove(kVolumeSnapshots, run_files_name(name));
  std::error_code ignored;
  fs::remove_all(folder_of(name), ignored);
}

fs::path ClusterRuns::folder_of(const std::string& run) const {
  fs::path root = work_.options.results;
  if (root.empty()) {
    const char* home = std::getenv("HOME");
    check(home != nullptr && *home != '\0', "there is no HOME for the results of runs");
    root = fs::path(home) / ".local/share/scrim-runs";
  }
  return root / work_.api.space() / run;
}

// All cases of the run see the same files: a snapshot of the volume, and a volume of that.
void ClusterRuns::make_files(const RunPlan& plan) const {
  const std::string files = run_files_name(plan.name);
  const auto there = work_.api.find(kVolumeSnapshots, files);
  const std::string of = there ? snapshot_of(*there).volume : plan.volume;
  check(of == plan.volume, "there is a run '", plan.name, "' already, over volume '", of, "'");
  make_snapshot(work_, plan.volume, files, {});
  clone_volume(work_, files, {ObjectKind::kSnapshot, files}, {}, {});
}

// The job that does these cases: one that is under way, or else a new one.
ApiObject ClusterRuns::job_of(const RunPlan& plan, const std::vector<RunCase>& cases,
                              bool again) const {
  const auto there = work_.api.find(kJobs, run_object_name(plan.name));
  if (there) {
    const bool does_all = std::ranges::all_of(
        cases, [&](const RunCase& one) { return index_in(*there, plan, one).has_value(); });
    const bool ended = job_has_ended(*there);
    if (does_all && !(ended && again)) return *there;
    check(ended, "run '", plan.name, "' is under way with other cases; wait for it or delete it");
    work_.step("delete the job that has ended");
    work_.api.remove(kJobs, name_of(*there), uid_of(*there), Removal::kForeground);
    work_.wait_gone(kJobs, *there, "the deletion of the job before");
  }
  work_.step("make the job");
  const auto made = work_.api.create(kJobs, job_for(plan, cases));
  return made ? *made : job_of(plan, cases, again);
}

ApiObject ClusterRuns::pod_that_started(const RunPlan& plan, const RunCase& one,
                                        std::size_t index) const {
  const ApiSelection own = {.labels = sentence(kRunLabel, "=", plan.name,
                                               ",batch.kubernetes.io/job-completion-index=", index),
                            .fields = {}};
  return started_pod(ClusterWork(work_.api, work_.options), own, "case '" + one.name + "'");
}

void ClusterRuns::follow(const RunPlan& plan, const RunCase& one, std::size_t index,
                         RunResult& result) const {
  const ApiObject pod = pod_that_started(plan, one, index);
  RunLog log;
  const ApiObject ended = follow_pod(work_, pod, [&](std::string_view line) {
    if (log.take(line) && plan.on_line) plan.on_line(one.name, std::string(line));
  });
  result.exit_code = exit_code_of(ended);
  result.seconds = seconds_of(ended);
  result.changed = true;
  write_file_atomically(result.output, log.printed());
  write_file_atomically(result.log, log.said());
}

}  // namespace scrim
