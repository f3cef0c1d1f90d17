// What a transfer is, whatever runs it: checked, in words, and as JSON.
#pragma once

#include <scrim/dataops.h>

#include "base/json.h"

#include <chrono>
#include <string>

namespace scrim {

// The plan with what it leaves out: without slashes at the ends, and for an object with the name of
// the file behind a folder, or of the key behind a prefix. Throws kInvalidArgument, naming it, for
// a name, bucket, path, schedule or store that is none.
TransferPlan checked_transfer(TransferPlan plan);

std::string transfer_words(const std::string& name);    // "transfer 'x'"
std::string store_place_of(const TransferPlan& plan);   // "s3://BUCKET/PREFIX"
std::string volume_place_of(const TransferPlan& plan);  // "VOLUME/FOLDER"
inline bool is_download(const TransferPlan& plan) {
  return plan.direction == TransferDirection::kDownload;
}

// All but the keys.
SortedJson plan_json(const TransferPlan& plan);
// Throws nlohmann's exceptions for JSON that is none.
TransferPlan transfer_plan_from(const SortedJson& json);
// Throws kInvalidArgument unless both move the same; where the store is and who asks may differ.
void check_same_transfer(const TransferPlan& there, const TransferPlan& wanted);
// As far as its plan tells.
Transfer transfer_of(const TransferPlan& plan);

// "30m", "1h", "1d". Throws kInvalidArgument.
std::chrono::minutes interval_of(const std::string& every);
// As a CronJob has it: "*/30 * * * *". Throws kInvalidArgument for one that does not divide a day.
std::string cron_of(const std::string& every);

}  // namespace scrim
