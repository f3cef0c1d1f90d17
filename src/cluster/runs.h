// Programs over the files of a snapshot, as jobs of a cluster, with their results gathered here.
#pragma once

#include <scrim/dataops.h>

#include "cluster/work.h"
#include "dataops/run_records.h"

#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

class ClusterRuns {
 public:
  explicit ClusterRuns(const ClusterWork& work) : work_(work) {}

  // As DataOps says. A run whose tool has gone goes on in the cluster; the next one follows it.
  std::vector<RunResult> run(const RunPlan& plan) const;
  std::vector<std::string> names() const;
  void remove(const std::string& name) const;

 private:
  std::filesystem::path folder_of(const std::string& run) const;
  ApiObject job_of(const RunPlan& plan, const std::vector<RunCase>& cases, bool again) const;
  void make_files(const RunPlan& plan) const;
  void follow(const RunPlan& plan, const RunCase& one, std::size_t index, RunResult& result) const;
  ApiObject pod_that_started(const RunPlan& plan, const RunCase& one, std::size_t index) const;

  const ClusterWork work_;
};

}  // namespace scrim
