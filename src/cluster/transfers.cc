#include "cluster/transfers.h"

#include "base/check.h"
#include "cluster/claims.h"
#include "cluster/deployments.h"
#include "cluster/objects.h"
#include "cluster/pods.h"
#include "cluster/run_objects.h"
#include "cluster/transfer_objects.h"
#include "dataops/names.h"
#include "dataops/transfer_plan.h"

#include <algorithm>
#include <chrono>
#include <map>

namespace scrim {
namespace {

constexpr std::size_t kMostOfTransferName = 43;  // a CronJob's name has at most 52 characters
constexpr std::chrono::seconds kBetweenNews{5};

TransferPlan checked_on_cluster(const TransferPlan& given) {
  TransferPlan plan = checked_transfer(given);
  check(plan.name.size() <= kMostOfTransferName, "transfer name '", plan.name, "' has ",
        plan.name.size(), " characters, at most ", kMostOfTransferName, " are allowed");
  if (!plan.every.empty()) cron_of(plan.every);
  return plan;
}

// What may end well when it is run again.
bool may_end_well(const Error& error) {
  return error.code() == ErrorCode::kUnavailable || error.code() == ErrorCode::kCorrupt;
}

// The last run by hand, and what runs of itself.
Transfer with_schedule(Transfer transfer, const Transfer& scheduled) {
  if (transfer.state == TransferState::kDone) transfer.state = TransferState::kScheduled;
  transfer.ended = std::max(transfer.ended, scheduled.ended);
  return transfer;
}

}  // namespace

std::optional<ApiObject> ClusterTransfers::job_of(const std::string& name) const {
  return work_.api.find(kJobs, transfer_object_name(name));
}

std::optional<ApiObject> ClusterTransfers::cron_job_of(const std::string& name) const {
  return work_.api.find(kCronJobs, transfer_object_name(name));
}

void ClusterTransfers::check_keys(const TransferPlan& plan) const {
  if (plan.store.secret.empty()) return;
  const auto secret = work_.api.find(kSecrets, plan.store.secret);
  if (!secret) fail(ErrorCode::kNotFound, "there is no secret '", plan.store.secret, "'");
  const ApiObject data = secret->value("data", ApiObject::object());
  check(data.contains("access_key") && data.contains("secret_key"), "secret '", plan.store.secret,
        "' has no access_key or no secret_key");
}

void ClusterTransfers::remove_job(const ApiObject& job) const {
  work_.step("delete the job");
  work_.api.remove(kJobs, name_of(job), uid_of(job), Removal::kForeground);
  work_.wait_gone(kJobs, job, "the deletion of job '" + name_of(job) + "'");
}

// The job of the same plan that is under way, or else a new one.
ApiObject ClusterTransfers::new_job(const TransferPlan& plan) const {
  const auto there = job_of(plan.name);
  if (there && !job_has_ended(*there)) return *there;
  if (there) remove_job(*there);
  work_.step("make the job");
  const auto made = work_.api.create(kJobs, transfer_job(plan));
  return made ? *made : new_job(plan);
}

// The cluster counts up what has ended in its own time.
void ClusterTransfers::wait_for_end(const TransferPlan& plan, const std::string& job) const {
  ClusterWork(work_.api, work_.options)
      .wait_for(kJobs, job, "the end of " + transfer_words(plan.name), &job_has_ended);
}

RcloneLog ClusterTransfers::follow_container(const TransferPlan& plan, const std::string& job,
                                             TransferStep step,
                                             const std::string& container) const {
  using Clock = std::chrono::steady_clock;
  const ApiObject pod = started_pod(ClusterWork(work_.api, work_.options),
                                    {.labels = "batch.kubernetes.io/job-name=" + job},
                                    transfer_words(plan.name), container);
  RcloneLog log;
  auto next_news = Clock::now() + kBetweenNews;
  const auto on_line = [&](std::string_view line) {
    const bool is_progress = log.take(line);
    if (!is_progress || !work_.options.on_news || Clock::now() < next_news) return;
    next_news = Clock::now() + kBetweenNews;
    const Progress progress = log.progress();
    work_.options.on_news(sentence(transfer_words(plan.name), ": ", container, " ", progress.done,
                                   " of ", progress.total, " bytes, ", progress.note));
  };
  const ApiObject ended = follow_pod(work_, pod, on_line, container);
  const int code = exit_code_of(ended, container);
  if (code != 0) wait_for_end(plan, job);
  log.check_end(plan, step, code);
  return log;
}

void ClusterTransfers::compare_bytes(const TransferPlan& plan) const {
  const ApiObject job = comparing_job(plan);
  if (const auto there = work_.api.find(kJobs, name_of(job))) remove_job(*there);
  work_.step("compare whole files");
  const auto made = work_.api.create(kJobs, job);
  if (!made) return compare_bytes(plan);
  follow_container(plan, name_of(job), TransferStep::kVerifyBytes, "compare");
  remove_job(*made);
}

void ClusterTransfers::follow(const TransferPlan& plan) const {
  const std::string job = transfer_object_name(plan.name);
  std::uint64_t bytes = 0, files = 0, without_hash = 0;
  for (const auto& [container, step] : transfer_containers(plan)) {
    const RcloneLog log = follow_container(plan, job, step, container);
    without_hash += log.without_hash();
    if (step != TransferStep::kCopy) continue;
    bytes = log.bytes();
    files = log.files();
  }
  if (without_hash > 0) compare_bytes(plan);
  wait_for_end(plan, job);
  const ApiObject result = {{"bytes", bytes}, {"files", files}};
  work_.api.change(kJobs, job, [&](const ApiObject&) -> ApiObject {
    return {{"metadata", {{"annotations", {{kResultNote, result.dump()}}}}}};
  });
}

Outcome<Transfer> ClusterTransfers::create(const TransferPlan& given) const {
  const TransferPlan plan = checked_on_cluster(given);
  claim_of(work_, plan.volume);
  check_keys(plan);
  const auto job = job_of(plan.name), cron_job = cron_job_of(plan.name);
  if (job) check_same_transfer(plan_of_transfer(*job), plan);
  if (cron_job) check_same_transfer(plan_of_transfer(*cron_job), plan);
  if (work_.options.dry_run) {
    if (!job) work_.api.create(kJobs, transfer_job(plan));
    return {transfer_of(plan)};
  }
  const auto keys_before =
      allowed_or({}, [&] { return work_.api.find(kSecrets, transfer_object_name(plan.name)); });
  work_.step("make the secret");
  if (const auto secret = transfer_secret(plan)) work_.api.apply(kSecrets, *secret);
  const ApiObject made = new_job(plan);
  try {
    if (work_.waits()) follow(plan);
  } catch (const Error& error) {
    if (!job && !cron_job && !may_end_well(error)) remove_all(plan.name);
    if (keys_before) {  // which may have been right
      work_.api.change(kSecrets, name_of(*keys_before), [&](const ApiObject&) -> ApiObject {
        return {{"data", keys_before->value("data", ApiObject::object())}};
      });
    }
    throw;
  }
  if (!plan.every.empty()) {
    work_.step("make the schedule");
    work_.api.apply(kCronJobs, transfer_cron_job(plan));
  }
  return {find(plan.name)};
}

Outcome<Transfer> ClusterTransfers::run(const std::string& name) const {
  const auto job = job_of(name), cron_job = cron_job_of(name);
  if (!job && !cron_job) fail(ErrorCode::kNotFound, "there is no ", transfer_words(name));
  const TransferPlan plan = plan_of_transfer(job ? *job : *cron_job);
  if (work_.options.dry_run) return {find(name)};
  new_job(plan);
  if (work_.waits()) follow(plan);
  return {find(name)};
}

void ClusterTransfers::remove_all(const std::string& name) const {
  work_.step("delete the schedule");
  const std::string own = transfer_object_name(name);
  if (const auto cron_job = cron_job_of(name)) {
    work_.api.remove(kCronJobs, own, uid_of(*cron_job), Removal::kForeground);
    work_.wait_gone(kCronJobs, *cron_job,
                    "the deletion of the schedule of " + transfer_words(name));
  }
  for (const std::string& one : {own, own + "-bytes"}) {
    if (const auto job = work_.api.find(kJobs, one)) remove_job(*job);
  }
  work_.api.remove(kSecrets, own);
}

void ClusterTransfers::remove(const std::string& name) const {
  find(name);
  if (work_.options.dry_run) return;
  const auto toolkits = work_.api.find(kJobs, name);
  if (toolkits && is_toolkit_transfer(*toolkits)) return remove_job(*toolkits);
  remove_all(name);
}

Transfer ClusterTransfers::find(const std::string& name) const {
  check_name("transfer", name);
  const auto job = job_of(name), cron_job = cron_job_of(name);
  if (job) {
    const Transfer now = transfer_of_job(*job);
    return cron_job ? with_schedule(now, transfer_of_cron_job(*cron_job)) : now;
  }
  if (cron_job) return transfer_of_cron_job(*cron_job);
  const auto toolkits = work_.api.find(kJobs, name);
  if (toolkits && is_toolkit_transfer(*toolkits)) return transfer_of_toolkit_job(*toolkits);
  fail(ErrorCode::kNotFound, "there is no ", transfer_words(name));
}

std::vector<Transfer> ClusterTransfers::all() const {
  std::map<std::string, Transfer> transfers;
  for (const ApiObject& job : work_.listed(kJobs)) {
    if (is_toolkit_transfer(job)) {
      transfers[name_of(job)] = transfer_of_toolkit_job(job);
    } else if (const std::string name = label_of(job, kTransferLabel); !name.empty()) {
      transfers[name] = transfer_of_job(job);
    }
  }
  for (const ApiObject& cron_job : work_.api.list(kCronJobs)) {
    const std::string name = label_of(cron_job, kTransferLabel);
    if (name.empty()) continue;
    const Transfer scheduled = transfer_of_cron_job(cron_job);
    const auto [there, is_new] = transfers.emplace(name, scheduled);
    if (!is_new) there->second = with_schedule(there->second, scheduled);
  }
  std::vector<Transfer> list;
  for (auto& [name, transfer] : transfers) list.push_back(std::move(transfer));
  return list;
}

}  // namespace scrim
