// What rclone says, a line of JSON each: how far it is, and why it failed.
#pragma once

#include <scrim/dataops.h>

#include "dataops/rclone.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace scrim {

class RcloneLog {
 public:
  // Returns whether it says how far rclone is.
  bool take(std::string_view line);

  // Of bytes, with the files beside.
  Progress progress() const;
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t files() const { return files_; }
  // Of a verification: files that have no hash in the store, and those that differ.
  std::uint64_t without_hash() const { return without_hash_; }
  std::uint64_t differences() const { return differences_; }

  // Throws what the end of a step means, in one sentence, unless all is well.
  void check_end(const TransferPlan& plan, TransferStep step, int exit_code) const;

 private:
  bool says(std::string_view part) const { return errors_.find(part) != std::string::npos; }
  void take_error(const std::string& message, const std::string& object);
  [[noreturn]] void fail_as_said(const TransferPlan& plan, int exit_code) const;

  std::uint64_t bytes_ = 0, total_bytes_ = 0, files_ = 0, total_files_ = 0;
  std::uint64_t without_hash_ = 0, differences_ = 0;
  std::string first_difference_, errors_, last_error_;
};

}  // namespace scrim
