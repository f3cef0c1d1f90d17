// Programs over the files of a snapshot, and their results, in a folder.
#pragma once

#include <scrim/dataops.h>

#include "dataops/root.h"

#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

// Throws kNotFound for a key that is no file.
void check_key(const RunPlan& plan);

class LocalRuns {
 public:
  LocalRuns(const SpaceFolders& folders, const LocalOptions& options)
      : folders_(folders), options_(options) {}

  // Throws as DataOps::run does for what can be known before anything is made.
  void prepare(const RunPlan& plan) const;
  // Runs over the files in `data` what has not ended well already.
  std::vector<RunResult> run(const RunPlan& plan, const std::filesystem::path& data) const;
  // What an earlier run left; an exit code of -1 stands for none.
  std::vector<RunResult> results(const RunPlan& plan) const;

  std::vector<std::string> names() const;
  void check_there(const std::string& name) const;  // throws kNotFound
  void remove(const std::string& name) const;

 private:
  std::filesystem::path folder_of(const std::string& name) const { return folders_.runs / name; }
  void run_case(const RunPlan& plan, const RunCase& one, const std::filesystem::path& data,
                RunResult& result) const;

  const SpaceFolders& folders_;
  const LocalOptions& options_;
};

}  // namespace scrim
