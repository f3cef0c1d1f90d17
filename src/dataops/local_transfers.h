// Transfers between volumes and S3, as runs of rclone on this machine.
#pragma once

#include <scrim/dataops.h>

#include "dataops/local_programs.h"
#include "dataops/local_volumes.h"
#include "dataops/root.h"

#include <filesystem>
#include <string>
#include <vector>

namespace scrim {

class LocalTransfers {
 public:
  // All outlive this. `root` is that of the volumes.
  LocalTransfers(const std::filesystem::path& root, const SpaceFolders& folders,
                 const LocalOptions& options, const LocalVolumes& volumes)
      : root_(root),
        folders_(folders),
        options_(options),
        volumes_(volumes),
        records_("transfer", {folders.transfers, folders.staging}, options) {}

  // As DataOps says.
  Outcome<Transfer> create(const TransferPlan& plan) const;
  Outcome<Transfer> run(const std::string& name) const;
  void remove(const std::string& name) const;
  Transfer find(const std::string& name) const;
  std::vector<Transfer> all() const;
  // Those with a schedule.
  std::vector<std::string> scheduled_over(const std::string& volume) const;

 private:
  TransferPlan plan_of(const std::string& name) const;  // without keys
  TransferPlan plan_with_keys(const std::string& name) const;
  void keep(const TransferPlan& plan) const;
  void write_keys(const TransferPlan& plan, const std::filesystem::path& folder) const;
  void run_now(const TransferPlan& plan) const;
  void schedule(const TransferPlan& plan) const;  // where it has one and is not in it yet
  ObjectLock take(const std::string& name) const;

  const std::filesystem::path& root_;
  const SpaceFolders& folders_;
  const LocalOptions& options_;
  const LocalVolumes& volumes_;
  LocalPrograms records_;
};

}  // namespace scrim
