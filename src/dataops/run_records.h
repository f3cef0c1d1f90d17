// What the cases of a run have left, in a folder: of each its output, its log and how it ended.
#pragma once

#include <scrim/dataops.h>

#include <filesystem>
#include <utility>
#include <vector>

namespace scrim {

class RunRecords {
 public:
  static constexpr int kNotRun = -1;  // the exit code of a case that has left nothing

  explicit RunRecords(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Of the same command; unchanged by this run.
  RunResult earlier(const RunCase& one) const;
  std::vector<RunResult> earlier(const std::vector<RunCase>& cases) const;
  // After the files of `result` were written.
  void write(const RunCase& one, const RunResult& result) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace scrim
