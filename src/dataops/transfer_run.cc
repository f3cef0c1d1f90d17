#include "dataops/transfer_run.h"

#include "base/check.h"
#include "base/descriptor.h"
#include "base/files.h"
#include "base/program.h"
#include "dataops/names.h"
#include "dataops/program_run.h"
#include "dataops/rclone.h"
#include "dataops/rclone_log.h"
#include "dataops/transfer_plan.h"

#include <algorithm>
#include <fstream>

namespace scrim {
namespace fs = std::filesystem;
namespace {

fs::path folder_of_files(const TransferPlan& plan, const fs::path& data) {
  const fs::path files = data / plan.folder;
  return plan.object ? files.parent_path() : files;
}

fs::path stage_of(const TransferPlan& plan, const fs::path& data) {
  return folder_of_files(plan, data) / kStageFolder / plan.name;
}

// A link in the volume may not lead out of it.
void check_inside(const TransferPlan& plan, const fs::path& place, const fs::path& data) {
  const fs::path whole = fs::canonical(data), real = fs::weakly_canonical(place);
  const auto end = std::mismatch(whole.begin(), whole.end(), real.begin(), real.end()).first;
  check(end == whole.end(), "folder ", quoted(place.lexically_relative(data).string()),
        " of volume '", plan.volume, "' leads out of it");
}

// Each file of the stage to its place; the stage is empty then.
void unstage(const TransferPlan& plan, const fs::path& data) {
  const fs::path stage = stage_of(plan, data), files = folder_of_files(plan, data);
  if (!fs::exists(stage)) return;
  sync_file_system(stage);
  fs::path checked;
  for (const auto& entry : fs::recursive_directory_iterator(stage)) {
    if (entry.is_directory()) continue;
    const fs::path target = files / entry.path().lexically_relative(stage);
    if (checked != target.parent_path()) {
      checked = target.parent_path();
      check_inside(plan, checked, data);
      fs::create_directories(checked);
    }
    fs::rename(entry.path(), target);
  }
}

// One run, whose steps share a log.
class TransferRun {
 public:
  TransferRun(const TransferPlan& plan, const TransferFolders& folders, const LocalOptions& options)
      : plan_(plan),
        folders_(folders),
        options_(options),
        environment_(rclone_environment(plan.store)),
        log_(folders.record / "log", std::ios::trunc) {
    environment_[kAccessKeyVariable] = plan.store.access_key;
    environment_[kSecretKeyVariable] = plan.store.secret_key;
    places_.files = (folders.data / plan.folder).string();
    if (places_.files.ends_with('/')) places_.files.pop_back();
    if (is_download(plan)) {
      const fs::path stage = stage_of(plan, folders.data);
      places_.stage = (plan.object ? stage / fs::path(places_.files).filename() : stage).string();
    }
    if (plan.store.ca.empty()) return;
    places_.ca = (folders.scratch / "ca.pem").string();
    write_new_file(places_.ca, plan.store.ca);
  }

  RcloneLog step(TransferStep step) {
    if (options_.on_step) options_.on_step("rclone");
    RcloneLog log;
    const int code = run(rclone_command(plan_, step, places_), log, step);
    if (options_.stop.stop_requested()) {
      fail(ErrorCode::kUnavailable, transfer_words(plan_.name), " was stopped; it goes on when it ",
           "is run again");
    }
    log.check_end(plan_, step, code);
    return log;
  }

  // Whether one object is there already, as far as sizes and times tell.
  bool is_there() {
    RcloneLog log;
    run(rclone_command(plan_, TransferStep::kCompare, places_), log, TransferStep::kCompare);
    return log.differences() == 0;
  }

  // Whole files are compared where the store has no hash of them: by their names in a list.
  void verify() {
    if (step(TransferStep::kVerify).without_hash() == 0) return;
    RcloneLog log;
    log.check_end(plan_, TransferStep::kVerifyBytes,
                  run(rclone_hashes(plan_, places_), log, TransferStep::kLook));
    std::ifstream hashes(folders_.scratch / "output");
    places_.list = (folders_.scratch / "list").string();
    std::ofstream list(places_.list);
    for (std::string line; std::getline(hashes, line);) {
      if (line.starts_with(';')) list << line.substr(1) << "\n";
    }
    list.close();
    step(TransferStep::kVerifyBytes);
  }

 private:
  int run(const std::vector<std::string>& command, RcloneLog& log, TransferStep step) {
    const auto on_line = [&](const std::string& line) {
      log_ << line << "\n" << std::flush;
      const bool is_progress = log.take(line);
      if (is_progress && step == TransferStep::kCopy && options_.progress) {
        options_.progress(log.progress());
      }
    };
    return run_program(command, {folders_.scratch / "output", folders_.scratch / "said"}, on_line,
                       options_.stop, environment_);
  }

  const TransferPlan& plan_;
  const TransferFolders& folders_;
  const LocalOptions& options_;
  Environment environment_;
  RclonePlaces places_;
  std::ofstream log_;
};

void check_source(const TransferPlan& plan, const fs::path& data) {
  const fs::path source = data / plan.folder;
  const bool there = plan.object ? fs::is_regular_file(source) : fs::is_directory(source);
  if (there) return;
  fail(ErrorCode::kNotFound, "volume '", plan.volume, "' has no ",
       plan.object ? "file " : "folder ", quoted(plan.folder));
}

}  // namespace

TransferFigures run_transfer_steps(const TransferPlan& plan, const TransferFolders& folders,
                                   const LocalOptions& options) {
  found_program("rclone");
  check_inside(plan, folders.data / plan.folder, folders.data);
  if (!is_download(plan)) check_source(plan, folders.data);
  TransferRun run(plan, folders, options);
  run.step(TransferStep::kLook);
  const bool known = plan.object && is_download(plan) && fs::exists(folders.data / plan.folder);
  if (known && run.is_there()) {
    if (plan.verify) run.verify();
    return {};
  }
  if (is_download(plan)) fs::create_directories(stage_of(plan, folders.data));
  const RcloneLog copied = run.step(TransferStep::kCopy);
  if (is_download(plan)) {
    if (options.on_step) options.on_step("rename the files");
    unstage(plan, folders.data);
    remove_stage(plan, folders.data);
    if (plan.sync) run.step(TransferStep::kPrune);
  }
  if (plan.verify) run.verify();
  return {copied.bytes(), copied.files()};
}

void remove_stage(const TransferPlan& plan, const fs::path& data) {
  std::error_code ignored;
  const fs::path stage = stage_of(plan, data);
  fs::remove_all(stage, ignored);
  fs::remove(stage.parent_path(), ignored);  // where no other transfer has one there
}

}  // namespace scrim
