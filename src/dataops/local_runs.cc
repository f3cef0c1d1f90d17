#include "dataops/local_runs.h"

#include "base/check.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/json.h"
#include "base/program.h"
#include "base/text.h"
#include "dataops/names.h"
#include "dataops/program_run.h"
#include "dataops/record.h"
#include "dataops/run_records.h"
#include "dataops/staging.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace scrim {
namespace fs = std::filesystem;
namespace {

// The command with the folder of the files and the key in their places.
std::vector<std::string> filled(std::vector<std::string> command, const fs::path& data,
                                const fs::path& key) {
  for (std::string& word : command) {
    word = replaced(replaced(std::move(word), "{data}", data.string()), "{key}", key.string());
  }
  command.front() = found_program(command.front());
  return command;
}

}  // namespace

void check_key(const RunPlan& plan) {
  std::error_code ignored;
  if (plan.key.empty() || fs::is_regular_file(plan.key, ignored)) return;
  fail(ErrorCode::kNotFound, "there is no key file '", plan.key.string(), "'");
}

void LocalRuns::prepare(const RunPlan& plan) const {
  check(!plan.cases.empty(), "run '", plan.name, "' has no case");
  check_key(plan);
  for (const RunCase& one : plan.cases) {
    check_name("case", one.name);
    check(!one.command.empty(), "case '", one.name, "' has no command");
    found_program(one.command.front());
  }
  const fs::path folder = folder_of(plan.name);
  std::error_code ignored;
  if (fs::exists(record_of(folder), ignored)) {
    const Json json = parse_json(read_file(record_of(folder)), "the record of a run");
    const std::string volume = json.value("volume", "");
    check(volume == plan.volume, "there is a run '", plan.name, "' already, over volume '", volume,
          "'");
    return;
  }
  if (options_.dry_run) return;
  if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) fail_to_write(folder, errno);
  const Json json = {{"format", "scrim-run"},
                     {"format_version", 1},
                     {"name", plan.name},
                     {"volume", plan.volume},
                     {"created", rfc3339_now()}};
  write_file_atomically(record_of(folder), json.dump(2) + "\n");
}

std::vector<RunResult> LocalRuns::results(const RunPlan& plan) const {
  return RunRecords(folder_of(plan.name)).earlier(plan.cases);
}

void LocalRuns::run_case(const RunPlan& plan, const RunCase& one, const fs::path& data,
                         RunResult& result) const {
  const auto start = std::chrono::steady_clock::now();
  const auto on_line = [&](const std::string& line) {
    if (plan.on_line) plan.on_line(one.name, line);
  };
  result.exit_code = run_program(filled(one.command, data, plan.key), {result.output, result.log},
                                 on_line, options_.stop);
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.changed = true;
  RunRecords(folder_of(plan.name)).write(one, result);
}

std::vector<RunResult> LocalRuns::run(const RunPlan& plan, const fs::path& data) const {
  std::vector<RunResult> results = this->results(plan);
  const auto total = static_cast<std::int64_t>(results.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (options_.progress) {
      options_.progress({"run", static_cast<std::int64_t>(i), total, results[i].name, false});
    }
    if (results[i].exit_code == 0) continue;
    run_case(plan, plan.cases[i], data, results[i]);
    if (options_.stop.stop_requested()) {
      fail(ErrorCode::kUnavailable, "stopped in case '", results[i].name, "'; the same command ",
           "goes on there");
    }
  }
  if (options_.progress) options_.progress({"run", total, total, "", false});
  return results;
}

std::vector<std::string> LocalRuns::names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folders_.runs, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

void LocalRuns::check_there(const std::string& name) const {
  check_name("run", name);
  std::error_code ignored;
  if (!fs::exists(folder_of(name), ignored)) {
    fail(ErrorCode::kNotFound, "there is no run '", name, "'");
  }
}

void LocalRuns::remove(const std::string& name) const {
  if (options_.dry_run) return;
  Staging staging(folders_.staging, "delete run", {"run '" + name + "'"}, options_.on_step);
  staging.take_from(folder_of(name));
  staging.remove();
}

}  // namespace scrim
