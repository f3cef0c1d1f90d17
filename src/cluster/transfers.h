// Transfers between volumes and S3, as jobs of a cluster.
#pragma once

#include <scrim/dataops.h>

#include "cluster/work.h"
#include "dataops/rclone_log.h"

#include <optional>
#include <string>
#include <vector>

namespace scrim {

class ClusterTransfers {
 public:
  explicit ClusterTransfers(const ClusterWork& work) : work_(work) {}

  // As DataOps says. A transfer whose tool has gone goes on in the cluster; the next one follows
  // it.
  Outcome<Transfer> create(const TransferPlan& plan) const;
  Outcome<Transfer> run(const std::string& name) const;
  void remove(const std::string& name) const;
  Transfer find(const std::string& name) const;
  std::vector<Transfer> all() const;

 private:
  std::optional<ApiObject> job_of(const std::string& name) const;
  std::optional<ApiObject> cron_job_of(const std::string& name) const;
  void check_keys(const TransferPlan& plan) const;
  ApiObject new_job(const TransferPlan& plan) const;
  void remove_job(const ApiObject& job) const;
  void remove_all(const std::string& name) const;
  void follow(const TransferPlan& plan) const;
  void compare_bytes(const TransferPlan& plan) const;
  void wait_for_end(const TransferPlan& plan, const std::string& job) const;
  RcloneLog follow_container(const TransferPlan& plan, const std::string& job, TransferStep step,
                             const std::string& container) const;

  const ClusterWork work_;
};

}  // namespace scrim
