// What a transfer on a cluster is made of: a job, a Secret, and a CronJob where it has a schedule.
#pragma once

#include <scrim/dataops.h>

#include "dataops/rclone.h"
#include "kube/api.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace scrim {

inline constexpr const char* kTransferLabel = "scrim-dataops/transfer";      // its name
inline constexpr const char* kResultNote = "scrim-dataops/transfer-result";  // JSON

std::string transfer_object_name(const std::string& transfer);

// The containers of its pod, one after another, and what they do.
std::vector<std::pair<std::string, TransferStep>> transfer_containers(const TransferPlan& plan);

// Who asks, and whom to trust; nothing where a Secret that is there says all.
std::optional<ApiObject> transfer_secret(const TransferPlan& plan);
ApiObject transfer_job(const TransferPlan& plan);
ApiObject transfer_cron_job(const TransferPlan& plan);
// Compares whole files, after a transfer has found objects without a hash.
ApiObject comparing_job(const TransferPlan& plan);

// What a job or CronJob was made for. Throws kCorrupt for a note that is none.
TransferPlan plan_of_transfer(const ApiObject& object);
Transfer transfer_of_job(const ApiObject& job);
Transfer transfer_of_cron_job(const ApiObject& cron_job);
// A job of the NetApp DataOps Toolkit, as far as it tells.
bool is_toolkit_transfer(const ApiObject& job);
Transfer transfer_of_toolkit_job(const ApiObject& job);

}  // namespace scrim
