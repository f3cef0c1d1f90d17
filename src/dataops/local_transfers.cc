#include "dataops/local_transfers.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/program.h"
#include "dataops/record.h"
#include "dataops/staging.h"
#include "dataops/transfer_plan.h"
#include "dataops/transfer_run.h"
#include "dataops/transfer_timer.h"

#include <sys/stat.h>

#include <cerrno>

namespace scrim {
namespace fs = std::filesystem;
namespace {

constexpr const char* kKeysFile = "keys.json";
constexpr const char* kLastFile = "last.json";  // how the last run ended

Json record_of_transfer(const TransferPlan& plan) {
  return {{"format", "scrim-transfer"},
          {"format_version", 1},
          {"name", plan.name},
          {"created", rfc3339_now()},
          {"plan", Json(plan_json(plan))}};
}

void write_last(const fs::path& folder, TransferState state, const TransferFigures& moved = {}) {
  const Json json = {{"state", name(state)},
                     {"bytes", moved.bytes},
                     {"files", moved.files},
                     {"ended", state == TransferState::kRunning ? "" : rfc3339_now()}};
  write_file_atomically(folder / kLastFile, json.dump() + "\n");
}

// What the last run left; one that has no end was killed.
void read_last(const fs::path& folder, Transfer& transfer) {
  transfer.state = TransferState::kFailed;
  try {
    const Json json = parse_json(read_file(folder / kLastFile), "the end of a transfer");
    transfer.bytes = json.at("bytes").get<std::uint64_t>();
    transfer.files = json.at("files").get<std::uint64_t>();
    transfer.ended = json.at("ended").get<std::string>();
    if (json.at("state") == name(TransferState::kDone)) transfer.state = TransferState::kDone;
  } catch (const std::exception&) {  // none has ended
  }
}

// A folder that this run alone has, and others see who has the volume.
class Scratch {
 public:
  Scratch(const fs::path& folder, const std::string& volume, const LocalOptions& options)
      : staging_(folder, "transfer", {"volume '" + volume + "'"}, options.on_step) {
    constexpr mode_t kOwners = 0700;
    if (::mkdir(path().c_str(), kOwners) != 0) fail_to_write(path(), errno);
  }
  const fs::path& path() const { return staging_.object(); }

 private:
  Staging staging_;
};

}  // namespace

TransferPlan LocalTransfers::plan_of(const std::string& name) const {
  TransferPlan plan = records_.read_record(
      name, [](const Json& json) { return transfer_plan_from(SortedJson(json.at("plan"))); });
  plan.name = name;
  return plan;
}

TransferPlan LocalTransfers::plan_with_keys(const std::string& name) const {
  TransferPlan plan = plan_of(name);
  const std::string what = "the keys of " + transfer_words(name);
  try {
    const Json json = parse_json(read_file(records_.folder_of(name) / kKeysFile), what);
    plan.store.access_key = json.at("access_key").get<std::string>();
    plan.store.secret_key = json.at("secret_key").get<std::string>();
  } catch (const Json::exception&) {
    fail(ErrorCode::kCorrupt, what, " are damaged");
  }
  return plan;
}

void LocalTransfers::write_keys(const TransferPlan& plan, const fs::path& folder) const {
  const Json json = {{"access_key", plan.store.access_key}, {"secret_key", plan.store.secret_key}};
  write_file_atomically(folder / kKeysFile, json.dump() + "\n");
  constexpr mode_t kOwners = 0600;
  if (::chmod((folder / kKeysFile).c_str(), kOwners) != 0) fail_to_write(folder, errno);
}

void LocalTransfers::keep(const TransferPlan& plan) const {
  if (!records_.is_there(plan.name)) {
    records_.keep(plan.name, record_of_transfer(plan),
                  [&](const fs::path& folder) { write_keys(plan, folder); });
    return;
  }
  const fs::path folder = records_.folder_of(plan.name);
  Json record = record_of_transfer(plan);
  record["created"] = records_.record(plan.name).value("created", "");
  write_file_atomically(record_of(folder), record.dump(2) + "\n");
  write_keys(plan, folder);
}

ObjectLock LocalTransfers::take(const std::string& name) const {
  auto lock = ObjectLock::take(records_.folder_of(name), LockMode::kExclusive, options_.timeout,
                               transfer_words(name), [] { return "it runs"; });
  if (!lock) fail(ErrorCode::kNotFound, "there is no ", transfer_words(name));
  return std::move(*lock);
}

void LocalTransfers::run_now(const TransferPlan& plan) const {
  const ObjectLock own = take(plan.name);
  const ObjectLock volume = volumes_.take({ObjectKind::kVolume, plan.volume}, LockMode::kShared);
  const Scratch scratch(folders_.staging, plan.volume, options_);
  const fs::path folder = records_.folder_of(plan.name);
  write_last(folder, TransferState::kRunning);
  try {
    const TransferFigures moved = run_transfer_steps(
        plan, {data_of(folders_.volumes / plan.volume), folder, scratch.path()}, options_);
    write_last(folder, TransferState::kDone, moved);
  } catch (const Error&) {
    write_last(folder, TransferState::kFailed);
    throw;
  } catch (const fs::filesystem_error& error) {
    write_last(folder, TransferState::kFailed);
    fail(ErrorCode::kUnavailable, transfer_words(plan.name), " cannot write below volume '",
         plan.volume, "': ", error.code().message());
  }
}

void LocalTransfers::schedule(const TransferPlan& plan) const {
  if (plan.every.empty()) return;
  const Scratch scratch(folders_.staging, plan.volume, options_);
  const TransferTimers timers(options_.space, scratch.path());
  const std::string own = fs::read_symlink("/proc/self/exe").string();
  timers.install(plan.name, interval_of(plan.every),
                 {own, "run", "transfer", plan.name, "--root", fs::canonical(root_).string(),
                  "--namespace", options_.space, "--quiet"});
}

Outcome<Transfer> LocalTransfers::create(const TransferPlan& given) const {
  const TransferPlan plan = checked_transfer(given);
  check(plan.store.secret.empty(), "secret '", plan.store.secret, "' is of a cluster");
  volumes_.find(plan.volume);
  found_program("rclone");
  const bool is_new = !records_.is_there(plan.name);
  if (!is_new) check_same_transfer(plan_of(plan.name), plan);
  if (options_.dry_run) return {transfer_of(plan)};
  if (!plan.every.empty()) {
    const Scratch scratch(folders_.staging, plan.volume, options_);
    TransferTimers(options_.space, scratch.path()).check_reachable();
  }
  if (is_new) keep(plan);
  try {
    run_now(plan);
    if (!is_new) keep(plan);  // what it had works until this does
    schedule(plan);
  } catch (const Error& error) {
    // What may end well when it is run again stays, with its log.
    if (is_new && error.code() != ErrorCode::kCorrupt && error.code() != ErrorCode::kUnavailable) {
      records_.remove(plan.name);
    }
    throw;
  }
  return {find(plan.name)};
}

Outcome<Transfer> LocalTransfers::run(const std::string& name) const {
  const TransferPlan plan = plan_with_keys(name);
  if (options_.dry_run) return {find(name)};
  run_now(plan);
  schedule(plan);
  return {find(name)};
}

void LocalTransfers::remove(const std::string& name) const {
  const TransferPlan plan = plan_of(name);
  if (options_.dry_run) return;
  const ObjectLock own = take(name);
  if (!plan.every.empty()) {
    const Scratch scratch(folders_.staging, plan.volume, options_);
    TransferTimers(options_.space, scratch.path()).remove(name);
  }
  if (volumes_.has(plan.volume)) remove_stage(plan, data_of(folders_.volumes / plan.volume));
  records_.remove(name);
}

Transfer LocalTransfers::find(const std::string& name) const {
  Transfer transfer = transfer_of(plan_of(name));
  const fs::path folder = records_.folder_of(name);
  transfer.created = records_.record(name).value("created", "");
  transfer.log = folder / "log";
  read_last(folder, transfer);
  if (!lock_if_free(folder)) {
    transfer.state = TransferState::kRunning;
  } else if (!transfer.every.empty() && transfer.state == TransferState::kDone) {
    transfer.state = TransferState::kScheduled;
  }
  return transfer;
}

std::vector<Transfer> LocalTransfers::all() const {
  std::vector<Transfer> transfers;
  for (const std::string& name : records_.names()) transfers.push_back(find(name));
  return transfers;
}

std::vector<std::string> LocalTransfers::scheduled_over(const std::string& volume) const {
  std::vector<std::string> names = records_.names();
  std::erase_if(names, [&](const std::string& name) {
    const TransferPlan plan = plan_of(name);
    return plan.volume != volume || plan.every.empty();
  });
  return names;
}

}  // namespace scrim
